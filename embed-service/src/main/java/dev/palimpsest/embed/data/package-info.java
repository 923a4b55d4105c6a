/** Reads datasets and turns images into embeddings. Plain Java on the backbones of {@code models}: no messages, no storage. */
@NullMarked
package dev.palimpsest.embed.data;

import org.jspecify.annotations.NullMarked;
