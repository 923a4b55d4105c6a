package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Weights;

/**
 * A convolution with stride 1 that keeps height and width.
 *
 * @param weight {@code [out, in, k, k]}, k odd
 * @param bias {@code [out]}
 */
record Convolution(NDArray weight, NDArray bias) {
    private static final Shape ONE = new Shape(1, 1);

    static Convolution read(Weights weights, NDManager manager, String name) {
        return new Convolution(weights.array(manager, name + ".weight"), weights.array(manager, name + ".bias"));
    }

    /**
     * @param x {@code [n, in, h, w]}
     * @return a new array {@code [n, out, h, w]}
     */
    NDArray apply(NDArray x) {
        long padding = weight.getShape().get(2) / 2;
        return x.getNDArrayInternal()
                .convolution(x, weight, bias, ONE, new Shape(padding, padding), ONE, 1)
                .singletonOrThrow();
    }
}
