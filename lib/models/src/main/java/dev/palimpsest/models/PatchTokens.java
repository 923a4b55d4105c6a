package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pixels to the tokens that enter the first block: the class token where there is one, registers, then the patches row by row.
 *
 * <p>Position embeddings are resized once per input size ({@link PositionGrid}) and kept. The class token has its own, which is not
 * resized; registers have none.
 */
final class PatchTokens {
    /**
     * What a family calls its embeddings.
     *
     * @param patches a convolution whose stride is its kernel
     * @param positions {@code [.., tokens, width]}, the class token's first
     * @param classToken or null where there is none
     * @param registers or null where there are none
     */
    record Names(
            String patches,
            String positions,
            @Nullable String classToken,
            @Nullable String registers) {}

    private final TransformerSizes sizes;
    private final PositionGrid.Method method;
    private final NDManager manager;
    private final Dense patches;
    /** Class token with its position, then registers: {@code [leading, width]}. */
    private final float[] leading;

    private final float[] positions;
    /** Side of the patch grid to what is added to the tokens, {@code [1, leading + grid * grid, width]}. */
    private final Map<Integer, NDArray> added = new HashMap<>();

    PatchTokens(Weights weights, NDManager manager, TransformerSizes sizes, Names names, PositionGrid.Method method) {
        this.sizes = sizes;
        this.method = method;
        this.manager = manager;
        this.patches = Dense.read(weights, manager, names.patches);
        int width = sizes.width();
        float[] stored = weights.floats(names.positions);
        float[] classToken = names.classToken == null ? new float[0] : weights.floats(names.classToken);
        for (int j = 0; j < classToken.length; j++) {
            classToken[j] += stored[j];
        }
        float[] registers = names.registers == null ? new float[0] : weights.floats(names.registers);
        this.leading = Arrays.copyOf(classToken, classToken.length + registers.length);
        System.arraycopy(registers, 0, leading, classToken.length, registers.length);
        this.positions = classToken.length == 0 ? stored : Arrays.copyOfRange(stored, width, stored.length);
    }

    /**
     * Whether pictures of {@code side x side} pixels can be cut into patches. Of the size that the network was trained at, a rest that
     * makes no patch is left out, as the reference does; of other sizes it would be a mistake.
     */
    boolean accepts(int side) {
        return side > 0 && (side % sizes.patch() == 0 || side == sizes.size());
    }

    /**
     * @param pixelValues {@code [n, 3, S, S]}, S accepted
     * @return {@code [n, leading + patches, width]}
     */
    NDArray apply(NDArray pixelValues) {
        long n = pixelValues.getShape().get(0);
        int patch = sizes.patch();
        int grid = (int) pixelValues.getShape().get(2) / patch;
        int used = grid * patch;
        NDArray square = used == pixelValues.getShape().get(2)
                ? pixelValues
                : pixelValues.get(new NDIndex(":, :, :" + used + ", :" + used));
        // A convolution whose stride is its kernel, written as one matrix product: quicker both ways.
        try (NDArray flat = square.reshape(n, 3, grid, patch, grid, patch)
                        .transpose(0, 2, 4, 1, 3, 5)
                        .reshape(n, (long) grid * grid, 3L * patch * patch);
                NDArray embedded = patches.apply(flat);
                // Empty rows for the leading tokens, which come with the positions.
                NDArray padded = embedded.pad(new Shape(0, 0, leading.length / sizes.width(), 0), 0)) {
            return padded.add(added.computeIfAbsent(grid, this::positionsFor));
        }
    }

    private NDArray positionsFor(int grid) {
        float[] resized = PositionGrid.resize(positions, sizes.grid(), grid, sizes.width(), method);
        float[] all = Arrays.copyOf(leading, leading.length + resized.length);
        System.arraycopy(resized, 0, all, leading.length, resized.length);
        return manager.create(all, new Shape(1, all.length / sizes.width(), sizes.width()));
    }
}
