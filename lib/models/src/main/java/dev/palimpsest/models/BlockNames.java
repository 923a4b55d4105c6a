package dev.palimpsest.models;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a family calls the parts of its blocks. All but {@code blocks} follow the block's number and a dot.
 *
 * @param blocks what comes before the block's number
 * @param scale1 layer scale of the attention, or null where there is none
 * @param scale2 layer scale of the MLP, or null
 */
record BlockNames(
        String blocks,
        String norm1,
        String query,
        String key,
        String value,
        String projection,
        @Nullable String scale1,
        String norm2,
        String up,
        String down,
        @Nullable String scale2) {

    /** The same below another prefix. */
    BlockNames below(String prefix) {
        return new BlockNames(prefix + blocks, norm1, query, key, value, projection, scale1, norm2, up, down, scale2);
    }

    /** Adds the tensors of all blocks. */
    void expect(Expected expected, TransformerSizes sizes) {
        long width = sizes.width();
        for (int k = 0; k < sizes.depth(); k++) {
            String block = blocks + k + ".";
            expected.norm(block + norm1, width).norm(block + norm2, width);
            for (String part : List.of(query, key, value)) {
                expected.tensor(block + part + ".weight", width, width);
                if (sizes.biased()) {
                    expected.tensor(block + part + ".bias", width);
                }
            }
            expected.dense(block + projection, width, width)
                    .dense(block + up, (long) sizes.activation().inputs() * sizes.mlp(), width)
                    .dense(block + down, width, sizes.mlp());
            if (scale1 != null && scale2 != null) {
                expected.tensor(block + scale1, width).tensor(block + scale2, width);
            }
        }
    }

    /** Reads all blocks. */
    List<TransformerBlock> read(Weights weights, NDManager manager, TransformerSizes sizes) {
        Activation activation = new Activation(sizes.activation(), manager);
        List<TransformerBlock> read = new ArrayList<>();
        for (int k = 0; k < sizes.depth(); k++) {
            String block = blocks + k + ".";
            Attention attention = Attention.read(
                    weights,
                    manager,
                    sizes.heads(),
                    block + query,
                    block + key,
                    block + value,
                    dense(weights, manager, block, projection, scale1));
            Mlp mlp = new Mlp(
                    Dense.read(weights, manager, block + up), activation, dense(weights, manager, block, down, scale2));
            read.add(new TransformerBlock(
                    Norm.read(weights, manager, block + norm1, sizes.epsilon()),
                    attention,
                    Norm.read(weights, manager, block + norm2, sizes.epsilon()),
                    mlp));
        }
        return read;
    }

    private static Dense dense(Weights weights, NDManager manager, String block, String name, @Nullable String scale) {
        return scale == null
                ? Dense.read(weights, manager, block + name)
                : Dense.readScaled(weights, manager, block + name, block + scale);
    }
}
