package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the families of vision transformers share (Dosovitskiy et al. 2021): tokens from patches, blocks, and a readout of its own for
 * each family.
 */
final class VisionTransformer implements Backbone {
    /**
     * How a family makes an embedding of the last block's output.
     *
     * <p>It tells the observer what it passes on the way, under the reference's names: {@code last_hidden_state}, {@code
     * pooler_output}.
     */
    interface Readout {
        /** The width of the embedding. */
        int dimension();

        /** Whether the first token is all that {@link #embed} looks at. */
        boolean firstOnly();

        /**
         * @param tokens {@code [n, T, width]}; T is 1 when only the first token is there
         * @return {@code [n, d]}
         */
        NDArray embed(NDArray tokens, BiConsumer<String, NDArray> observer);
    }

    /**
     * The parts of one network.
     *
     * @param preNorm before the first block, or null where the family has none
     */
    record Parts(PatchTokens tokens, @Nullable Norm preNorm, List<TransformerBlock> blocks, Readout readout) {}

    /**
     * Pictures that go through a processor together: enough for its matrix products, few enough for its cache. ViT-B/16 on one thread
     * takes 363 ms a picture in parts of 8, 390 ms in parts of 32.
     */
    private static final int PART = 8;

    private static final BiConsumer<String, NDArray> NOBODY = (name, array) -> {};

    private final String name;
    private final TransformerSizes sizes;
    private final Preprocessing preprocessing;
    private final NDManager manager;
    private final Parts parts;

    private VisionTransformer(
            String name, TransformerSizes sizes, Preprocessing preprocessing, NDManager manager, Parts parts) {
        this.name = name;
        this.sizes = sizes;
        this.preprocessing = preprocessing;
        this.manager = manager;
        this.parts = parts;
    }

    /**
     * Checks the weights as a whole and reads them.
     *
     * @param weights closed afterwards
     * @param expected what the family reads
     * @param parts reads it, into arrays of the manager that it is given
     */
    static VisionTransformer open(
            Path folder,
            Device device,
            TransformerSizes sizes,
            Weights weights,
            Expected expected,
            Function<NDManager, Parts> parts) {
        weights.check(expected);
        Preprocessing preprocessing = Preprocessing.read(folder);
        NDManager manager = Torch.newManager(device);
        try {
            Parts read = parts.apply(manager);
            weights.finish();
            return new VisionTransformer(Backbones.nameOf(folder), sizes, preprocessing, manager, read);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int dimension() {
        return parts.readout.dimension();
    }

    @Override
    public int inputSize() {
        return preprocessing.size();
    }

    @Override
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public boolean accepts(int size) {
        return parts.tokens.accepts(size);
    }

    @Override
    public NDArray embed(NDArray pixelValues) {
        long n =
                pixelValues.getShape().dimension() == 4 ? pixelValues.getShape().get(0) : 0;
        if (n <= PART || pixelValues.getDevice().isGpu()) {
            return forward(pixelValues, parts.readout.firstOnly(), NOBODY);
        }
        NDList embeddings = new NDList();
        for (long from = 0; from < n; from += PART) {
            NDArray part = pixelValues.get(new NDIndex("{}:{}", from, Math.min(from + PART, n)));
            embeddings.add(forward(part, parts.readout.firstOnly(), NOBODY));
        }
        return NDArrays.concat(embeddings);
    }

    /**
     * Everything that the network passes on its way, under the reference's names: {@code block_input}, {@code block_output.k}, {@code
     * last_hidden_state}, {@code pooler_output} where the embedding goes through one, and {@code embedding}.
     */
    Map<String, NDArray> trace(NDArray pixelValues) {
        Map<String, NDArray> seen = new LinkedHashMap<>();
        seen.put("embedding", forward(pixelValues, false, seen::put));
        return seen;
    }

    private NDArray forward(NDArray pixelValues, boolean firstOnly, BiConsumer<String, NDArray> observer) {
        long[] shape = pixelValues.getShape().getShape();
        if (shape.length != 4 || shape[1] != 3 || shape[2] != shape[3] || !accepts((int) shape[2])) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    name + ": pixels have shape " + Arrays.toString(shape) + "; expected [n, 3, S, S], S a multiple of "
                            + sizes.patch() + ".");
        }
        NDArray tokens = parts.tokens.apply(pixelValues);
        if (parts.preNorm != null) {
            tokens = parts.preNorm.apply(tokens);
        }
        observer.accept("block_input", tokens);
        for (int k = 0; k < parts.blocks.size(); k++) {
            tokens = parts.blocks.get(k).forward(tokens, firstOnly && k == parts.blocks.size() - 1);
            observer.accept("block_output." + k, tokens);
        }
        return parts.readout.embed(tokens, observer);
    }

    @Override
    public void close() {
        manager.close();
    }
}
