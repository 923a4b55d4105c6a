package dev.palimpsest.models.unclip;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.ModelConfig;
import dev.palimpsest.models.Torch;
import dev.palimpsest.models.Weights;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The network that says which noise a picture holds: down to small sizes, a middle, and up again with skips from the way down (Ronneberger
 * et al. 2015, Dhariwal and Nichol 2021). The decoder and both super-resolution networks are of this kind; its sizes come from config.json
 * alone. From one thread at a time.
 */
public final class UNet implements AutoCloseable {
    private static final BiConsumer<String, NDArray> NOBODY = (name, array) -> {};

    private final NDManager manager;
    private final UNetSizes sizes;
    private final TimeEmbedding time;
    private final Convolution in;
    private final List<UNetBlock> down;
    private final UNetBlock middle;
    private final List<UNetBlock> up;
    private final GroupNorm norm;
    private final Convolution out;

    private UNet(NDManager manager, UNetSizes sizes, UNetPlan plan, Weights weights) {
        this.manager = manager;
        this.sizes = sizes;
        time = TimeEmbedding.read(weights, manager, "time_embedding");
        in = Convolution.read(weights, manager, "conv_in");
        down = plan.down().stream()
                .map(block -> new UNetBlock(block, weights, manager, sizes))
                .toList();
        middle = new UNetBlock(plan.middle(), weights, manager, sizes);
        up = plan.up().stream()
                .map(block -> new UNetBlock(block, weights, manager, sizes))
                .toList();
        norm = GroupNorm.read(weights, manager, "conv_norm_out", sizes.groups(), sizes.epsilon());
        out = Convolution.read(weights, manager, "conv_out");
    }

    /**
     * Opens the network of a folder in diffusers layout.
     *
     * @param folder config.json and diffusion_pytorch_model.safetensors, in one file or in shards
     * @throws PalimpsestException {@code NOT_FOUND}, {@code BAD_FILE}, {@code SHAPE_MISMATCH} or {@code NOT_FINITE}, naming the file, what
     *     was expected and what was found
     */
    public static UNet open(Path folder, Device device) {
        UNetSizes sizes = sizes(folder);
        UNetPlan plan = UNetPlan.of(sizes);
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            weights.check(plan.expect(sizes).ignoreOthers());
            NDManager manager = Torch.newManager(device);
            try {
                UNet network = new UNet(manager, sizes, plan, weights);
                weights.finish();
                return network;
            } catch (RuntimeException e) {
                manager.close();
                throw e;
            }
        }
    }

    /**
     * About how much one pass needs beside the weights, from config.json alone.
     *
     * @param rows of the input
     */
    public static long workingBytes(Path folder, int rows) {
        return sizes(folder).workingBytes(rows);
    }

    /** The weights that config.json asks for, by name. */
    public static Map<String, Shape> tensors(Path folder) {
        UNetSizes sizes = sizes(folder);
        return UNetPlan.of(sizes).expect(sizes).shapes();
    }

    private static UNetSizes sizes(Path folder) {
        return UNetSizes.read(ModelConfig.read(folder, "config.json"));
    }

    /** Side of the picture in pixels. */
    public int sampleSize() {
        return sizes.sampleSize();
    }

    /** Channels in. */
    public int inputs() {
        return sizes.inputs();
    }

    /** Channels out. */
    public int outputs() {
        return sizes.outputs();
    }

    /** Owns the weights; make a sub-manager of it for what goes in. */
    public NDManager manager() {
        return manager;
    }

    /**
     * One pass.
     *
     * @param x float32 {@code [n, inputs, S, S]}; stays as it is
     * @param timestep from 0
     * @param additive {@code [n, time width]}, added to the time embedding; null in a super-resolution network
     * @param context {@code [n, tokens, context width]}; null in a super-resolution network
     * @return {@code [n, outputs, S, S]}, of x's manager
     */
    public NDArray predict(NDArray x, int timestep, @Nullable NDArray additive, @Nullable NDArray context) {
        return trace(x, timestep, additive, context, NOBODY);
    }

    /** The same; the observer is shown every output under the reference's names, each only while it lasts. */
    NDArray trace(
            NDArray x,
            int timestep,
            @Nullable NDArray additive,
            @Nullable NDArray context,
            BiConsumer<String, NDArray> observer) {
        check(x, additive);
        NDManager owner = x.getManager();
        try (NDManager scope = owner.newSubManager()) {
            x.tempAttach(scope);
            NDArray embedding = time(timestep, x.getShape().get(0), scope, observer);
            NDArray told = additive == null ? embedding : embedding.add(additive);
            Signals signals = new Signals(Silu.inPlace(told), context, observer);
            Deque<NDArray> skips = new ArrayDeque<>();
            NDArray h = in.apply(x);
            observer.accept("conv_in", h);
            skips.push(h);
            for (UNetBlock block : down) {
                h = block.down(h, signals, skips);
            }
            // The last skip is what the middle starts from; it stays until the way up has used it.
            h = middle.middle(h, signals);
            for (UNetBlock block : up) {
                h = block.up(h, signals, skips);
            }
            NDArray last;
            try (NDArray before = h) {
                last = Silu.inPlace(norm.apply(before));
            }
            NDArray predicted = out.apply(last);
            predicted.attach(owner);
            return predicted;
        }
    }

    private NDArray time(int timestep, long rows, NDManager scope, BiConsumer<String, NDArray> observer) {
        TimeFeatures kind = sizes.time();
        NDArray features =
                scope.create(kind.of(timestep), new Shape(1, kind.width())).repeat(0, rows);
        observer.accept("time_proj", features);
        NDArray embedding = time.apply(features);
        observer.accept("time_embedding", embedding);
        return embedding;
    }

    private void check(NDArray x, @Nullable NDArray additive) {
        Shape shape = x.getShape();
        Shape expected = new Shape(-1, sizes.inputs(), sizes.sampleSize(), sizes.sampleSize());
        if (shape.dimension() != 4 || !shape.slice(1).equals(expected.slice(1))) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH, "The U-Net's input has shape " + shape + ", expected " + expected + ".");
        }
        if (sizes.additive() != (additive != null)) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    sizes.additive()
                            ? "The decoder needs what is added to its time embedding."
                            : "A super-resolution network takes nothing beside the picture.");
        }
    }

    /** Frees the weights. */
    @Override
    public void close() {
        manager.close();
    }
}
