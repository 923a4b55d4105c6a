/**
 * The networks that Palimpsest looks at and looks through, without any framework around them.
 *
 * <p>A {@link dev.palimpsest.models.Backbone} is the frozen network F that turns a picture into an embedding; {@link
 * dev.palimpsest.models.Backbones} opens one from a folder of published weights. A {@link
 * dev.palimpsest.models.Preprocessing} is the exact road from a decoded image to what F expects, {@link
 * dev.palimpsest.models.ImageDecoder} the road from bytes to that image. A {@link dev.palimpsest.models.Normaliser} z-scores
 * embeddings, and a {@link dev.palimpsest.models.Head} is the small classifier on top whose weights are audited. {@link
 * dev.palimpsest.models.Torch} is the one door to the native library.
 *
 * <p>Everything is plain Java and DJL: no Quarkus, Kafka or storage. Errors are {@link
 * dev.palimpsest.contracts.PalimpsestException}s.
 */
@NullMarked
package dev.palimpsest.models;

import org.jspecify.annotations.NullMarked;
