/**
 * The networks that Palimpsest looks at and looks through, without any framework around them.
 *
 * <p>A {@link Backbone} is the frozen network F that turns a picture into an embedding; {@link
 * Backbones} opens one from a folder of published weights. A {@link
 * Preprocessing} is the exact road from a decoded image to what F expects, {@link
 * ImageDecoder} the road from bytes to that image. A {@link Normaliser} z-scores
 * embeddings, and a {@link Head} is the small classifier on top whose weights are audited. {@link
 * Torch} is the one door to the native library.
 *
 * <p>Everything is plain Java and DJL: no Quarkus, Kafka or storage. Errors are {@link
 * dev.palimpsest.contracts.PalimpsestException}s.
 */
@NullMarked
package dev.palimpsest.models;

import org.jspecify.annotations.NullMarked;
