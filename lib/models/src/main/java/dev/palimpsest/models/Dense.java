package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.core.Linear;
import org.jspecify.annotations.Nullable;

/**
 * {@code x weight^T + bias}.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}, or null for none
 */
record Dense(NDArray weight, @Nullable NDArray bias) {

    /** Reads {@code name.weight}, and {@code name.bias} if it is there; a stored convolution becomes a matrix. */
    static Dense read(Weights weights, NDManager manager, String name) {
        NDArray weight = weights.array(manager, name + ".weight");
        NDArray matrix = weight.getShape().dimension() == 2
                ? weight
                : weight.reshape(weight.getShape().get(0), -1);
        return new Dense(matrix, weights.has(name + ".bias") ? weights.array(manager, name + ".bias") : null);
    }

    /** As {@link #read}, each row and its bias multiplied by a number of the vector {@code scale}: a layer scale costs nothing later. */
    static Dense readScaled(Weights weights, NDManager manager, String name, String scale) {
        try (NDManager scope = manager.newSubManager()) {
            Dense plain = read(weights, scope, name);
            NDArray perRow = weights.array(scope, scale);
            NDArray weight = plain.weight.mul(perRow.reshape(-1, 1));
            NDArray bias = plain.bias == null ? null : plain.bias.mul(perRow);
            weight.attach(manager);
            if (bias != null) {
                bias.attach(manager);
            }
            return new Dense(weight, bias);
        }
    }

    NDArray apply(NDArray x) {
        return (bias == null ? Linear.linear(x, weight) : Linear.linear(x, weight, bias)).get(0);
    }
}
