package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDManager;
import java.util.SplittableRandom;

/** What draws the picture, and so decides which pictures come easily: that is the prior. */
public sealed interface Painting permits NetworkShape, PyramidShape {
    /** Channels of the random input; 0: it needs none. */
    int inputs();

    /** Side of the smallest picture that can be drawn, in pixels. */
    int smallest();

    /** How many numbers are adjusted for a picture of that side. */
    long weights(int size);

    /** Memory of weights, their gradients and moments and of what a backward pass has to remember, about; without the backbone's. */
    default long bytes(int size) {
        return 16 * weights(size) + 4 * activations(size);
    }

    /** How many numbers a backward pass has to remember, about. */
    long activations(int size);

    /** A painter with its first weights, which belong to the manager. */
    Painter painter(NDManager manager, int size, SplittableRandom random);
}
