package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;

/**
 * One pre-norm block of a vision transformer (Dosovitskiy et al. 2021, section 3.1; layer scale of Touvron et al. 2021, section 2):
 *
 * <pre>
 * x = x + scale1 * attention(norm1(x))
 * x = x + scale2 * fc2(gelu(fc1(norm2(x))))
 * </pre>
 *
 * <p>What is linear is folded while loading: query, key and value are one matrix, {@code 1 / sqrt(head width)} is in the query, and the
 * layer scales are in the matrices before them.
 */
final class TransformerBlock {
    private final int heads;
    private final float epsilon;
    private final LayerNormWeights norm1;
    private final Dense queryKeyValue;
    private final Dense projection;
    private final LayerNormWeights norm2;
    private final Dense up;
    private final Dense down;

    TransformerBlock(
            int heads,
            float epsilon,
            LayerNormWeights norm1,
            Dense queryKeyValue,
            Dense projection,
            LayerNormWeights norm2,
            Dense up,
            Dense down) {
        this.heads = heads;
        this.epsilon = epsilon;
        this.norm1 = norm1;
        this.queryKeyValue = queryKeyValue;
        this.projection = projection;
        this.norm2 = norm2;
        this.up = up;
        this.down = down;
    }

    /**
     * Runs the block.
     *
     * @param tokens {@code [n, T, width]}
     * @param firstOnly whether only the first token's output is wanted, which saves most of a last block
     * @return {@code [n, T, width]}, or {@code [n, 1, width]}
     */
    NDArray forward(NDArray tokens, boolean firstOnly) {
        NDArray attended = attention(norm1.apply(tokens, epsilon), firstOnly);
        NDArray middle = (firstOnly ? tokens.get(FIRST) : tokens).add(attended);
        // DJL's gelu is the exact one, x/2 (1 + erf(x / sqrt 2)); Dinov2Test holds it to that.
        NDArray raised =
                up.apply(norm2.apply(middle, epsilon)).getNDArrayInternal().gelu();
        return middle.add(down.apply(raised));
    }

    private static final NDIndex FIRST = new NDIndex(":, 0:1");
    private static final NDIndex FIRST_QUERY = new NDIndex("0, :, :, 0:1");

    private NDArray attention(NDArray normed, boolean firstOnly) {
        long n = normed.getShape().get(0);
        long width = normed.getShape().get(2);
        long length = normed.getShape().get(1);
        // [3, n, heads, T, width / heads]
        NDArray parts = queryKeyValue
                .apply(normed)
                .reshape(n, length, 3, heads, width / heads)
                .transpose(2, 0, 3, 1, 4);
        NDArray query = firstOnly ? parts.get(FIRST_QUERY) : parts.get(0);
        NDArray weights = query.matMul(parts.get(1).transpose(0, 1, 3, 2)).softmax(-1);
        NDArray mixed = weights.matMul(parts.get(2)).transpose(0, 2, 1, 3).reshape(n, firstOnly ? 1 : length, width);
        return projection.apply(mixed);
    }

    /** Gain and offset of a layer norm, {@code [width]} each. */
    record LayerNormWeights(NDArray gain, NDArray offset) {
        static LayerNormWeights read(Weights weights, NDManager manager, String prefix) {
            return new LayerNormWeights(
                    weights.array(manager, prefix + ".weight"), weights.array(manager, prefix + ".bias"));
        }

        /** Normalises the last axis; the variance is the biased one. */
        NDArray apply(NDArray x, float epsilon) {
            Shape last = gain.getShape();
            return LayerNorm.layerNorm(x, last, gain, offset, epsilon).get(0);
        }
    }

    /** {@code x weight^T + bias}; weight {@code [out, in]}, bias {@code [out]}. */
    record Dense(NDArray weight, NDArray bias) {
        NDArray apply(NDArray x) {
            return Linear.linear(x, weight, bias).get(0);
        }
    }
}
