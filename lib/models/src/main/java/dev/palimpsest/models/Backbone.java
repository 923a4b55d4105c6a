package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;

/**
 * The frozen network F: pixels in, one embedding per picture out.
 *
 * <p>Weights are float32 and never asked for a gradient. A backbone may be used from one thread at a time.
 */
public interface Backbone extends AutoCloseable {

    /** What the folder calls this network, for reports. */
    String name();

    /** The width {@code d} of the embedding. */
    int dimension();

    /** The side {@code S} in pixels that the folder's own preprocessing produces. */
    int inputSize();

    /** How a picture becomes what {@link #embed} expects. */
    Preprocessing preprocessing();

    /** Owns the weights; make a sub-manager of it for everything that is computed. */
    NDManager manager();

    /**
     * Embeds preprocessed pixels. Called inside a {@link ai.djl.training.GradientCollector} it is differentiable with respect
     * to its input, down to the pixels. The result belongs to the manager of the input.
     *
     * @param pixelValues float32 {@code [n, 3, S, S]}; S may differ from {@link #inputSize} where {@link #accepts} says so
     * @return float32 {@code [n, d]}
     */
    NDArray embed(NDArray pixelValues);

    /**
     * Embeds one picture, preprocessed.
     *
     * @param size S, to which the picture is resized and cropped
     * @return {@code [d]}
     */
    default float[] embed(BufferedImage picture, int size) {
        try (NDManager scope = manager().newSubManager()) {
            float[] pixels = preprocessing().pixelValues(picture, size);
            return embed(scope.create(pixels, new Shape(1, 3, size, size))).toFloatArray();
        }
    }

    /** Whether pictures of {@code size x size} pixels can be embedded. */
    boolean accepts(int size);

    /** Frees the weights. */
    @Override
    void close();
}
