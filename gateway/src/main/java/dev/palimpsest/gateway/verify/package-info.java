/** Whether what an audit left in the store is still what was put there. */
@NullMarked
package dev.palimpsest.gateway.verify;

import org.jspecify.annotations.NullMarked;
