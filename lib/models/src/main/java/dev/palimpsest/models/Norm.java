package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.norm.LayerNorm;

/**
 * Layer norm over the last axis, with the biased variance.
 *
 * @param gain {@code [width]}
 * @param offset {@code [width]}
 * @param epsilon added to the variance
 */
public record Norm(NDArray gain, NDArray offset, float epsilon) {

    /** Reads {@code name.weight} and {@code name.bias}. */
    public static Norm read(Weights weights, NDManager manager, String name, float epsilon) {
        return new Norm(weights.array(manager, name + ".weight"), weights.array(manager, name + ".bias"), epsilon);
    }

    /** Norms {@code [..., width]} into a new array. */
    public NDArray apply(NDArray x) {
        return LayerNorm.layerNorm(x, gain.getShape(), gain, offset, epsilon).get(0);
    }
}
