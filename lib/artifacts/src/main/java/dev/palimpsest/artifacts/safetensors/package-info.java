/**
 * The safetensors format: the only one in which tensors enter and leave this system, because reading it runs no code.
 *
 * <p>A file is eight bytes (little-endian length n of the header), n bytes of JSON ({@code name -> dtype, shape,
 * data_offsets}), and the data. Files come from outside, so {@link Safetensors}
 * believes nothing: every length, offset and shape is checked against what is there before anything is allocated.
 */
@NullMarked
package dev.palimpsest.artifacts.safetensors;

import org.jspecify.annotations.NullMarked;
