/**
 * The nearest public sample instead of a made one: {@link dev.palimpsest.invert.retrieval.Nearest} compares an embedding with every row
 * of a gallery that the user supplies ({@link dev.palimpsest.invert.retrieval.Gallery}). It is how texts are inverted, and the baseline
 * of every picture: one that is no closer than the nearest public sample has shown nothing about training data.
 */
@NullMarked
package dev.palimpsest.invert.retrieval;

import org.jspecify.annotations.NullMarked;
