/** Who asks, and what they may: keys, roles, tenants, and the table of operations. Knows nothing of HTTP beyond methods and paths. */
@NullMarked
package dev.palimpsest.gateway.access;

import org.jspecify.annotations.NullMarked;
