/** Stage two: the target's weights become candidates. Knows nothing of members; the algorithms are in {@code attack}. */
@NullMarked
package dev.palimpsest.reconstruct;

import org.jspecify.annotations.NullMarked;
