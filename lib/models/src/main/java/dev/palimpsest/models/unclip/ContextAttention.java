package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.models.Dense;
import dev.palimpsest.models.Weights;

/**
 * Attention of the picture's pixels to themselves and to context tokens, whose keys and values come first (Nichol et al. 2022, GLIDE):
 *
 * <pre>
 * y = norm(x);  q = Q y;  k = [K_add(context), K y];  v = [V_add(context), V y]
 * x + O(softmax(q k' / sqrt(head width)) v)
 * </pre>
 *
 * <p>There is no mask: a masked context token has weight exp(-10000), which is 0, so it is left out of the context instead.
 */
final class ContextAttention {
    /** Fixed in the reference, whatever the network's other norms use. */
    private static final float EPSILON = 1e-5f;

    private final int heads;
    private final GroupNorm norm;
    private final Dense query;
    private final Dense keyValue;
    private final Dense contextKeyValue;
    private final Dense projection;

    ContextAttention(AttentionPlan plan, Weights weights, NDManager manager, UNetSizes sizes) {
        String name = plan.name();
        heads = plan.channels() / sizes.headWidth();
        norm = GroupNorm.read(weights, manager, name + ".group_norm", sizes.groups(), EPSILON);
        query = Dense.read(weights, manager, name + ".to_q").times(1 / Math.sqrt(sizes.headWidth()));
        keyValue = Dense.read(weights, manager, name + ".to_k").over(Dense.read(weights, manager, name + ".to_v"));
        contextKeyValue = Dense.read(weights, manager, name + ".add_k_proj")
                .over(Dense.read(weights, manager, name + ".add_v_proj"));
        projection = Dense.read(weights, manager, name + ".to_out.0");
    }

    /**
     * @param x {@code [n, c, h, w]}; stays as it is
     * @param context {@code [n, tokens, context width]}
     * @return a new array {@code [n, c, h, w]} of x's manager
     */
    NDArray apply(NDArray x, NDArray context) {
        NDManager owner = x.getManager();
        long n = x.getShape().get(0);
        long channels = x.getShape().get(1);
        try (NDManager scope = owner.newSubManager()) {
            x.tempAttach(scope);
            NDArray pixels = norm.apply(x).reshape(n, channels, -1).transpose(0, 2, 1);
            NDArray q = heads(query.apply(pixels), 1).get(0);
            NDArray own = heads(keyValue.apply(pixels), 2);
            NDArray given = heads(contextKeyValue.apply(context), 2);
            given.attach(scope);
            NDArray keys = given.get(0).concat(own.get(0), 2);
            NDArray values = given.get(1).concat(own.get(1), 2);
            NDArray mixed = mix(q, keys, values)
                    .transpose(0, 2, 1, 3)
                    .reshape(n, pixels.getShape().get(1), channels);
            NDArray out = projection
                    .apply(mixed)
                    .transpose(0, 2, 1)
                    .reshape(x.getShape())
                    .add(x);
            out.attach(owner);
            return out;
        }
    }

    private static NDArray mix(NDArray q, NDArray keys, NDArray values) {
        try (NDArray scores = q.matMul(keys.transpose(0, 1, 3, 2));
                NDArray weights = scores.softmax(-1)) {
            return weights.matMul(values);
        }
    }

    /** {@code [n, T, parts * c]} to {@code [parts, n, heads, T, c / heads]}. */
    private NDArray heads(NDArray x, int parts) {
        long[] shape = x.getShape().getShape();
        return x.reshape(shape[0], shape[1], parts, heads, shape[2] / parts / heads)
                .transpose(2, 0, 3, 1, 4);
    }
}
