/** Reads datasets and turns images into embeddings. */
@NullMarked
package dev.palimpsest.embed.data;

import org.jspecify.annotations.NullMarked;
