/** Stage four: a selected embedding becomes a picture, in bounded and checkpointed units. The algorithm is in {@code prior}. */
@NullMarked
package dev.palimpsest.invert;

import org.jspecify.annotations.NullMarked;
