package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * DINOv2 (Oquab et al. 2024) in the Hugging Face layout: patches, class token, position embeddings, {@link TransformerBlock}s, layer
 * norm. The embedding is the class token after the last layer norm.
 *
 * <p>Any square input whose side is a multiple of the patch works; the position embeddings are resized once per size ({@link
 * PositionGrid}) and kept.
 */
final class Dinov2 implements Backbone {
    private static final NDIndex CLASS_TOKEN = new NDIndex(":, 0");

    private final String name;
    private final Dinov2Layout layout;
    private final Preprocessing preprocessing;
    private final NDManager manager;
    private final TransformerBlock.Dense patches;
    private final float[] classToken;
    private final float[] positions;
    private final List<TransformerBlock> blocks;
    private final TransformerBlock.LayerNormWeights norm;
    /** Side of the patch grid to what is added to the tokens, {@code [1, 1 + grid * grid, width]}. */
    private final Map<Integer, NDArray> added = new HashMap<>();

    private Dinov2(String name, Dinov2Layout layout, Preprocessing preprocessing, NDManager manager, Weights weights) {
        this.name = name;
        this.layout = layout;
        this.preprocessing = preprocessing;
        this.manager = manager;
        int width = layout.width();
        this.patches = new TransformerBlock.Dense(
                weights.array(manager, Dinov2Layout.PATCHES + ".weight").reshape(width, -1),
                weights.array(manager, Dinov2Layout.PATCHES + ".bias"));
        this.classToken = weights.floats(Dinov2Layout.CLASS_TOKEN);
        this.positions = weights.floats(Dinov2Layout.POSITIONS);
        this.blocks = new ArrayList<>();
        for (int k = 0; k < layout.depth(); k++) {
            blocks.add(layout.block(weights, manager, k));
        }
        this.norm = TransformerBlock.LayerNormWeights.read(weights, manager, "layernorm");
    }

    /** Opens the folder of config.json, preprocessor_config.json and weights. */
    static Dinov2 open(Path folder, Device device) {
        Dinov2Layout layout = Dinov2Layout.read(ModelConfig.read(folder, "config.json"));
        Preprocessing preprocessing = Preprocessing.read(folder);
        NDManager manager = Torch.newManager(device);
        try (Weights weights = Weights.open(folder, layout.expected(), Dinov2Layout.IGNORED)) {
            return new Dinov2(Backbones.nameOf(folder), layout, preprocessing, manager, weights);
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
        return layout.width();
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
        return size > 0 && size % layout.patch() == 0;
    }

    @Override
    public NDArray embed(NDArray pixelValues) {
        NDArray tokens = tokens(pixelValues);
        for (int k = 0; k < blocks.size(); k++) {
            tokens = blocks.get(k).forward(tokens, k == blocks.size() - 1);
        }
        return norm.apply(tokens.get(CLASS_TOKEN), layout.epsilon());
    }

    /** All tokens after the last layer norm, {@code [n, 1 + patches, d]}: the class token, then the patches row by row. */
    NDArray lastHiddenState(NDArray pixelValues) {
        NDArray tokens = tokens(pixelValues);
        for (TransformerBlock block : blocks) {
            tokens = block.forward(tokens, false);
        }
        return norm.apply(tokens, layout.epsilon());
    }

    /** The input of the first block, {@code [n, 1 + patches, d]}. */
    private NDArray tokens(NDArray pixelValues) {
        long[] shape = pixelValues.getShape().getShape();
        if (shape.length != 4 || shape[1] != 3 || shape[2] != shape[3] || !accepts((int) shape[2])) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    name + ": pixels have shape " + Arrays.toString(shape) + "; expected [n, 3, S, S], S a multiple of "
                            + layout.patch() + ".");
        }
        long n = shape[0];
        int side = layout.patch();
        int grid = (int) shape[2] / side;
        // A convolution whose stride is its kernel, written as one matrix product: quicker both ways.
        NDArray flat = pixelValues
                .reshape(n, 3, grid, side, grid, side)
                .transpose(0, 2, 4, 1, 3, 5)
                .reshape(n, (long) grid * grid, 3L * side * side);
        NDArray embedded = patches.apply(flat);
        // An empty first row for the class token, which comes with the positions.
        return embedded.pad(new Shape(0, 0, 1, 0), 0).add(added.computeIfAbsent(grid, this::positionsFor));
    }

    private NDArray positionsFor(int grid) {
        int width = layout.width();
        float[] stored = Arrays.copyOfRange(positions, width, positions.length);
        float[] resized = PositionGrid.resize(stored, layout.storedGrid(), grid, width);
        float[] all = new float[width + resized.length];
        for (int j = 0; j < width; j++) {
            all[j] = classToken[j] + positions[j];
        }
        System.arraycopy(resized, 0, all, width, resized.length);
        return manager.create(all, new Shape(1, 1 + (long) grid * grid, width));
    }

    @Override
    public void close() {
        manager.close();
    }
}
