/** Reads arrays as NumPy saves them. */
@NullMarked
package dev.palimpsest.artifacts.npy;

import org.jspecify.annotations.NullMarked;
