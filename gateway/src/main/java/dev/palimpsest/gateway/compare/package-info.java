/** Two or more audits side by side: where their specs differ, and whether their results differ by more than chance. */
@NullMarked
package dev.palimpsest.gateway.compare;

import org.jspecify.annotations.NullMarked;
