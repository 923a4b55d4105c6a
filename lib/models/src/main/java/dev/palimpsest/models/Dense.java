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
public record Dense(NDArray weight, @Nullable NDArray bias) {

    /** Reads {@code name.weight}, and {@code name.bias} if it is there; a stored convolution becomes a matrix. */
    public static Dense read(Weights weights, NDManager manager, String name) {
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

    /** Weight and bias multiplied in place. */
    public Dense times(double factor) {
        weight.muli(factor);
        if (bias != null) {
            bias.muli(factor);
        }
        return this;
    }

    /** One matrix of two, this one's outputs first; both are given up, and both have a bias or neither. */
    public Dense over(Dense below) {
        try (NDArray ownWeight = weight;
                NDArray otherWeight = below.weight) {
            NDArray bothWeights = ownWeight.concat(otherWeight);
            if (bias == null || below.bias == null) {
                return new Dense(bothWeights, null);
            }
            try (NDArray ownBias = bias;
                    NDArray otherBias = below.bias) {
                return new Dense(bothWeights, ownBias.concat(otherBias));
            }
        }
    }

    /** {@code [..., in]} to {@code [..., out]}. */
    public NDArray apply(NDArray x) {
        return (bias == null ? Linear.linear(x, weight) : Linear.linear(x, weight, bias)).get(0);
    }
}
