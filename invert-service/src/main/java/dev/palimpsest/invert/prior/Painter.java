package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Draws a picture as a differentiable function of its weights. */
interface Painter {
    /** Weights by name, in a fixed order; leaves that ask for gradients. */
    Map<String, NDArray> weights();

    /**
     * The picture.
     *
     * @param input {@code [1, c, S, S]}, where c is {@link Painting#inputs}; the result belongs to its manager
     * @return {@code [1, 3, S, S]} in 0..1
     */
    NDArray draw(NDArray input);
}
