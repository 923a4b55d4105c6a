package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.LayerNorm;
import dev.palimpsest.models.Weights;

/**
 * Group norm (Wu and He 2018): channels are standardised in groups, with the biased variance, then scaled and shifted one by one.
 *
 * @param groups a divisor of the channels
 * @param epsilon added to the variance
 * @param gain {@code [1, c, 1, 1]}
 * @param offset {@code [1, c, 1, 1]}
 */
record GroupNorm(int groups, float epsilon, NDArray gain, NDArray offset) {

    static GroupNorm read(Weights weights, NDManager manager, String name, int groups, float epsilon) {
        return new GroupNorm(
                groups,
                epsilon,
                weights.array(manager, name + ".weight").reshape(1, -1, 1, 1),
                weights.array(manager, name + ".bias").reshape(1, -1, 1, 1));
    }

    /**
     * The first half alone: each group to mean 0 and variance 1.
     *
     * @param x {@code [n, c, h, w]}
     * @return a new array of the same shape
     */
    NDArray standardise(NDArray x) {
        long rows = x.getShape().get(0) * groups;
        Shape row = new Shape(x.size() / rows);
        // A group is a row of its own, so the engine's layer norm does it in one pass.
        try (NDManager scope = x.getManager().newSubManager()) {
            NDArray flat = x.reshape(rows, row.get(0));
            NDArray standard = LayerNorm.layerNorm(flat, row, scope.ones(row), scope.zeros(row), epsilon)
                    .singletonOrThrow();
            flat.close();
            return reshaped(standard, x.getShape());
        }
    }

    /** Standardises, scales and shifts into a new array. */
    NDArray apply(NDArray x) {
        return standardise(x).muli(gain).addi(offset);
    }

    /** The same numbers under another shape; the old name is given up. */
    private static NDArray reshaped(NDArray x, Shape shape) {
        try (x) {
            return x.reshape(shape);
        }
    }
}
