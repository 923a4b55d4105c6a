package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import org.jspecify.annotations.Nullable;

/**
 * One pre-norm block of a vision transformer (Dosovitskiy et al. 2021, section 3.1; layer scale of Touvron et al. 2021, section 2):
 *
 * <pre>
 * x = x + scale1 * attention(norm1(x))
 * x = x + scale2 * mlp(norm2(x))
 * </pre>
 *
 * <p>What is linear is folded while loading: see {@link Attention} and {@link Dense#readScaled}.
 */
final class TransformerBlock {
    private static final NDIndex FIRST = new NDIndex(":, 0:1");

    private final Norm norm1;
    private final Attention attention;
    private final Norm norm2;
    private final Mlp mlp;

    TransformerBlock(Norm norm1, Attention attention, Norm norm2, Mlp mlp) {
        this.norm1 = norm1;
        this.attention = attention;
        this.norm2 = norm2;
        this.mlp = mlp;
    }

    /**
     * Runs the block. What it computes on the way is freed at its end; a graph that is being recorded keeps what it needs.
     *
     * @param tokens {@code [n, T, width]}
     * @param firstOnly whether only the first token's output is wanted, which saves most of a last block
     * @return {@code [n, T, width]}, or {@code [n, 1, width]}
     */
    NDArray forward(NDArray tokens, boolean firstOnly) {
        return forward(tokens, firstOnly, null);
    }

    /**
     * The same for all tokens, which may not all see each other.
     *
     * @param mask {@code [T, T]}, added to what a row's token thinks of a column's before the softmax
     */
    NDArray forward(NDArray tokens, NDArray mask) {
        return forward(tokens, false, mask);
    }

    private NDArray forward(NDArray tokens, boolean firstOnly, @Nullable NDArray mask) {
        NDManager owner = tokens.getManager();
        try (NDManager scope = owner.newSubManager()) {
            tokens.tempAttach(scope);
            NDArray attended = attention.apply(norm1.apply(tokens), firstOnly, mask);
            NDArray middle = (firstOnly ? tokens.get(FIRST) : tokens).add(attended);
            NDArray out = middle.add(mlp.apply(norm2.apply(middle)));
            out.attach(owner);
            return out;
        }
    }
}
