package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * EfficientNet-Lite (Tan and Le 2019, without squeeze-excitation and with ReLU6): inverted residuals as config.json lists them. The
 * embedding is the average of the last layer over all positions.
 */
final class EfficientNetLite implements Backbone {
    private final String name;
    private final int smallest;
    private final int dimension;
    private final Preprocessing preprocessing;
    private final NDManager manager;
    private final List<ChannelsLastConvolution> layers = new ArrayList<>();

    private EfficientNetLite(
            String name, ModelConfig config, List<EfficientNetLayer> layers, NDManager manager, Weights weights) {
        this.name = name;
        this.smallest = config.object("input").count("minimum", 32);
        this.dimension = layers.get(layers.size() - 1).outputs();
        this.preprocessing = preprocessing(config);
        this.manager = manager;
        for (EfficientNetLayer layer : layers) {
            this.layers.add(new ChannelsLastConvolution(layer, weights, manager));
        }
    }

    /** Opens the folder of config.json and weights; config.json describes the preprocessing too. */
    static EfficientNetLite open(Path folder, ModelConfig config, Device device) {
        if (!config.object("padding").text("convention", "").equals("tensorflow-same")) {
            throw config.bad("padding", "the convention tensorflow-same");
        }
        List<EfficientNetLayer> layers = EfficientNetLayer.read(config);
        Expected expected = new Expected();
        layers.forEach(layer -> layer.expect(expected));
        NDManager manager = Torch.newManager(device);
        try (Weights weights = Weights.open(folder)) {
            weights.check(expected);
            EfficientNetLite network = new EfficientNetLite(
                    config.text("name", Backbones.nameOf(folder)), config, layers, manager, weights);
            weights.finish();
            return network;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** {@code x / divide + add}, x in 0..255, on the middle square of a bicubic resize. */
    private static Preprocessing preprocessing(ModelConfig config) {
        ModelConfig formula = config.object("preprocessing");
        float divide = (float) formula.number("divide");
        float mean = (float) (-formula.number("add") * divide);
        int size = config.object("input").count("size");
        return new Preprocessing(size, size, PilResize.Filter.BICUBIC, 1, new float[] {mean, mean, mean}, new float[] {
            divide, divide, divide
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int dimension() {
        return dimension;
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
        return size >= smallest;
    }

    @Override
    public NDArray embed(NDArray pixelValues) {
        long[] shape = pixelValues.getShape().getShape();
        if (shape.length != 4 || shape[1] != 3 || shape[2] != shape[3] || !accepts((int) shape[2])) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    name + ": pixels have shape " + Arrays.toString(shape) + "; expected [n, 3, S, S], S at least "
                            + smallest + ".");
        }
        NDArray x = pixelValues.transpose(0, 2, 3, 1);
        NDArray opening = x;
        for (ChannelsLastConvolution layer : layers) {
            opening = layer.opens() ? x : opening;
            NDArray y = layer.apply(x);
            x = layer.residual() ? y.add(opening) : y;
        }
        return x.reshape(shape[0], -1, dimension).mean(new int[] {1});
    }

    @Override
    public void close() {
        manager.close();
    }
}
