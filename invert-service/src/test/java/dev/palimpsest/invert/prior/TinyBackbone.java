package dev.palimpsest.invert.prior;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Preprocessing;
import dev.palimpsest.models.Torch;
import java.util.Random;

/** Eight fixed random filters with a square behind them and a mean over the picture: cheap, smooth, differentiable. */
final class TinyBackbone implements Backbone {
    static final int WIDTH = 8;

    private final NDManager manager = Torch.newManager(Device.cpu());
    private final NDArray filters;

    TinyBackbone() {
        Random random = new Random(5);
        float[] values = new float[WIDTH * 3 * 8 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        filters = manager.create(values, new Shape(WIDTH, 3, 8, 8));
    }

    @Override
    public String name() {
        return "tiny";
    }

    @Override
    public int dimension() {
        return WIDTH;
    }

    @Override
    public int inputSize() {
        return 48;
    }

    @Override
    public Preprocessing preprocessing() {
        return Preprocessing.read(Repo.path("examples/backbones/dinov2-small-saliency"));
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public NDArray embed(NDArray pixelValues) {
        return pixelValues
                .getNDArrayInternal()
                .convolution(pixelValues, filters, null, new Shape(8, 8), new Shape(0, 0), new Shape(1, 1), 1)
                .singletonOrThrow()
                .square()
                .mean(new int[] {3})
                .mean(new int[] {2});
    }

    @Override
    public boolean accepts(int size) {
        return size % 8 == 0;
    }

    @Override
    public void close() {
        manager.close();
    }
}
