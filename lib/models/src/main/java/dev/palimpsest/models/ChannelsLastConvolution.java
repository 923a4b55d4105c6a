package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;

/**
 * A convolution on arrays that lie in memory as {@code [n, h, w, c]}.
 *
 * <p>This way round a 1x1 convolution is a plain matrix product, and a depthwise one is as quick or quicker (forward and backward of
 * 96 channels of 64x64 on one thread: 1.4 ms, against 3.1 ms as {@code [n, c, h, w]} and 10.9 ms as a sum of shifted products).
 * PyTorch decides by strides: an {@code [n, h, w, c]} array transposed to {@code [n, c, h, w]}, without a number moved, takes this way.
 *
 * <p>Padding is TensorFlow's SAME: {@code max((ceil(n / stride) - 1) stride + kernel - n, 0)} zeros, the odd one after.
 */
final class ChannelsLastConvolution {
    private final EfficientNetLayer layer;
    private final NDArray weight;
    private final NDArray bias;

    ChannelsLastConvolution(EfficientNetLayer layer, Weights weights, NDManager manager) {
        this.layer = layer;
        this.bias = weights.array(manager, layer.name() + ".bias");
        NDArray stored = weights.array(manager, layer.name() + ".weight");
        this.weight =
                pointwise() ? stored.reshape(layer.outputs(), layer.inputs()) : channelsLast(layer, stored, manager);
    }

    private static NDArray channelsLast(EfficientNetLayer layer, NDArray stored, NDManager manager) {
        if (layer.depthwise()) {
            return stored;
        }
        float[] values = stored.toFloatArray();
        int area = layer.kernel() * layer.kernel();
        float[] moved = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int position = i % area;
            int input = i / area % layer.inputs();
            int output = i / area / layer.inputs();
            moved[(output * area + position) * layer.inputs() + input] = values[i];
        }
        return manager.create(moved, new Shape(layer.outputs(), layer.kernel(), layer.kernel(), layer.inputs()))
                .transpose(0, 3, 1, 2);
    }

    private boolean pointwise() {
        return layer.kernel() == 1 && layer.stride() == 1 && !layer.depthwise();
    }

    /**
     * Convolves, and clips to 0..6 where the layer says so.
     *
     * @param x {@code [n, h, w, inputs]}
     * @return {@code [n, ceil(h / stride), ceil(w / stride), outputs]}
     */
    NDArray apply(NDArray x) {
        NDArray linear = pointwise() ? Linear.linear(x, weight, bias).get(0) : spatial(x);
        return layer.clipped() ? linear.clip(0, 6) : linear;
    }

    private NDArray spatial(NDArray x) {
        long[] rows = padding(x.getShape().get(1));
        long[] columns = padding(x.getShape().get(2));
        boolean even = rows[0] == rows[1] && columns[0] == columns[1];
        NDArray padded = even ? x : x.pad(new Shape(0, 0, columns[0], columns[1], rows[0], rows[1]), 0);
        Shape inside = even ? new Shape(rows[0], columns[0]) : new Shape(0, 0);
        NDArray planar = padded.transpose(0, 3, 1, 2);
        return planar.getNDArrayInternal()
                .convolution(
                        planar,
                        weight,
                        bias,
                        new Shape(layer.stride(), layer.stride()),
                        inside,
                        new Shape(1, 1),
                        layer.depthwise() ? layer.inputs() : 1)
                .get(0)
                .transpose(0, 2, 3, 1);
    }

    /** Zeros before and after a side of {@code n}. */
    private long[] padding(long n) {
        long outputs = (n + layer.stride() - 1) / layer.stride();
        long total = Math.max((outputs - 1) * layer.stride() + layer.kernel() - n, 0);
        return new long[] {total / 2, total - total / 2};
    }

    boolean residual() {
        return layer.residual();
    }

    boolean opens() {
        return layer.opens();
    }
}
