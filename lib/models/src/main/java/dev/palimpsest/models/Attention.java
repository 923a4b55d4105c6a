package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head self-attention, {@code softmax(q k^T / sqrt(width / heads)) v}. Query, key and value are one matrix, and the scale is in
 * the query's part of it.
 */
final class Attention {
    private static final NDIndex FIRST_QUERY = new NDIndex("0, :, :, 0:1");

    private final int heads;
    private final Dense queryKeyValue;
    private final Dense projection;

    private Attention(int heads, Dense queryKeyValue, Dense projection) {
        this.heads = heads;
        this.queryKeyValue = queryKeyValue;
        this.projection = projection;
    }

    static Attention read(
            Weights weights, NDManager manager, int heads, String query, String key, String value, Dense projection) {
        try (NDManager scope = manager.newSubManager()) {
            Dense q = Dense.read(weights, scope, query);
            Dense k = Dense.read(weights, scope, key);
            Dense v = Dense.read(weights, scope, value);
            double scale = 1 / Math.sqrt((double) q.weight().getShape().get(0) / heads);
            NDArray weight = q.weight().mul(scale).concat(k.weight()).concat(v.weight());
            weight.attach(manager);
            NDArray bias = bias(q, k, v, scale);
            if (bias != null) {
                bias.attach(manager);
            }
            return new Attention(heads, new Dense(weight, bias), projection);
        }
    }

    private static @Nullable NDArray bias(Dense q, Dense k, Dense v, double scale) {
        NDArray ofQuery = q.bias();
        NDArray ofKey = k.bias();
        NDArray ofValue = v.bias();
        return ofQuery == null || ofKey == null || ofValue == null
                ? null
                : ofQuery.mul(scale).concat(ofKey).concat(ofValue);
    }

    /**
     * @param x {@code [n, T, width]}
     * @param firstOnly whether only the first token asks
     * @param mask {@code [T, T]}, added before the softmax; null: every token sees every other
     * @return {@code [n, T, width]}, or {@code [n, 1, width]}
     */
    NDArray apply(NDArray x, boolean firstOnly, @Nullable NDArray mask) {
        long n = x.getShape().get(0);
        long length = x.getShape().get(1);
        long width = x.getShape().get(2);
        // [3, n, heads, T, width / heads]
        NDArray parts = queryKeyValue
                .apply(x)
                .reshape(n, length, 3, heads, width / heads)
                .transpose(2, 0, 3, 1, 4);
        NDArray query = firstOnly ? parts.get(FIRST_QUERY) : parts.get(0);
        NDArray scores = query.matMul(parts.get(1).transpose(0, 1, 3, 2));
        NDArray weights = (mask == null ? scores : scores.add(mask)).softmax(-1);
        NDArray mixed = weights.matMul(parts.get(2)).transpose(0, 2, 1, 3).reshape(n, firstOnly ? 1 : length, width);
        return projection.apply(mixed);
    }
}
