package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The untrained network g: an hourglass with skip connections, from noise {@code [1, c, S, S]} to a picture {@code [1, 3, S, S]} in 0..1.
 *
 * <p>A level halves its input (convolution with stride 2), works on it, hands it to the next level, scales what comes back to its own
 * size and joins it with a thin copy of its input. Convolutions are padded by reflection; batch normalisation always uses the
 * statistics of the one picture at hand, as the source does. Convolutions before a normalisation have no bias, which it would cancel.
 *
 * <p>Source: Ulyanov et al., Deep Image Prior, CVPR 2018, supplementary material (architecture "skip").
 */
final class SkipNetwork implements Painter {
    private static final float SLOPE = 0.2f;
    private static final float EPSILON = 1e-5f;
    private static final Shape ZERO = new Shape(0, 0);
    private static final Shape ONE = new Shape(1, 1);
    private static final Shape TWO = new Shape(2, 2);

    private final NDManager manager;
    private final NetworkShape shape;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final Map<Shape, NDArray> enlarging = new LinkedHashMap<>();
    // Written by the engine and read by nobody: in training mode the statistics come from the input.
    private final Map<Long, NDArray> unusedStatistics = new LinkedHashMap<>();

    /**
     * First weights: uniform in +-1/sqrt(fan in) for convolutions, 1 and 0 for normalisations.
     *
     * @param manager owns the weights
     */
    SkipNetwork(NDManager manager, NetworkShape shape, SplittableRandom random) {
        this.manager = manager;
        this.shape = shape;
        int in = shape.inputs();
        for (int i = 0; i < shape.levels(); i++) {
            int out = shape.channels().get(i);
            int kernel = shape.kernels().get(i);
            boolean last = i == shape.levels() - 1;
            unit(i + ".skip", shape.skip(), in, 1, random);
            unit(i + ".down", out, in, kernel, random);
            unit(i + ".deep", out, out, kernel, random);
            int joined = shape.skip() + (last ? out : shape.channels().get(i + 1));
            normalisation(i + ".join", joined);
            unit(i + ".merge", out, joined, kernel, random);
            unit(i + ".mix", out, out, 1, random);
            in = out;
        }
        convolution("picture", 3, shape.channels().get(0), 1, random);
        add("picture.bias", new float[3], new Shape(3));
    }

    @Override
    public Map<String, NDArray> weights() {
        return Collections.unmodifiableMap(weights);
    }

    @Override
    public NDArray draw(NDArray input) {
        NDArray features = level(0, input);
        return convolve(features, "picture", weight("picture.bias"), ONE)
                .getNDArrayInternal()
                .sigmoid();
    }

    private NDArray level(int i, NDArray input) {
        NDArray skip = apply(input, i + ".skip", ONE);
        NDArray deep = apply(apply(input, i + ".down", TWO), i + ".deep", ONE);
        if (i + 1 < shape.levels()) {
            deep = level(i + 1, deep);
        }
        // To the size of the skip rather than twice its own: sizes need not be divisible by 32.
        NDArray up = enlarge(deep, input.getShape());
        NDArray joined = normalise(NDArrays.concat(new NDList(skip, up), 1), i + ".join");
        return apply(apply(joined, i + ".merge", ONE), i + ".mix", ONE);
    }

    private NDArray apply(NDArray x, String name, Shape stride) {
        return normalise(convolve(x, name, null, stride), name)
                .getNDArrayInternal()
                .leakyRelu(SLOPE);
    }

    private NDArray convolve(NDArray x, String name, @Nullable NDArray bias, Shape stride) {
        NDArray kernel = weight(name + ".kernel");
        long width = kernel.getShape().get(2) / 2;
        NDArray padded = width == 0 ? x : reflect(reflect(x, 2, width), 3, width);
        return padded.getNDArrayInternal()
                .convolution(padded, kernel, bias, stride, ZERO, ONE, 1)
                .singletonOrThrow();
    }

    private NDArray normalise(NDArray x, String name) {
        long channels = x.getShape().get(1);
        NDArray unused = unusedStatistics.computeIfAbsent(channels, c -> manager.ones(new Shape(c)));
        return x.getNDArrayInternal()
                .batchNorm(x, unused, unused, weight(name + ".scale"), weight(name + ".offset"), 1, 0f, EPSILON, true)
                .singletonOrThrow();
    }

    /** Bilinear, to the side of the shape. */
    private NDArray enlarge(NDArray x, Shape to) {
        long side = x.getShape().get(2);
        NDArray left = enlarging.computeIfAbsent(new Shape(to.get(2), side), this::enlarging);
        NDArray right = enlarging.computeIfAbsent(new Shape(side, to.get(2)), this::enlarging);
        NDArray enlarged = left.matMul(x.matMul(right));
        // The engine gives a product to the manager of its left factor, which outlives the step.
        enlarged.attach(x.getManager());
        return enlarged;
    }

    /** A factor from the left where it is high, its transpose, a factor from the right, where it is wide. */
    private NDArray enlarging(Shape shape) {
        int rows = (int) shape.get(0);
        int columns = (int) shape.get(1);
        float[] matrix = rows > columns
                ? Resampling.enlarge(columns, rows)
                : Resampling.transpose(Resampling.enlarge(rows, columns), columns);
        return manager.create(matrix, shape);
    }

    /** Mirrored rows or columns on either side; the engine pads with constants only. */
    private static NDArray reflect(NDArray x, int axis, long width) {
        long n = x.getShape().get(axis);
        NDArray before = x.get(slice(axis, 1, 1 + width));
        NDArray after = x.get(slice(axis, n - 1 - width, n - 1));
        if (width > 1) {
            before = before.flip(axis);
            after = after.flip(axis);
        }
        return NDArrays.concat(new NDList(before, x, after), axis);
    }

    private static NDIndex slice(int axis, long from, long to) {
        NDIndex index = new NDIndex();
        for (int i = 0; i < axis; i++) {
            index.addAllDim();
        }
        return index.addSliceDim(from, to);
    }

    private void unit(String name, int out, int in, int kernel, SplittableRandom random) {
        convolution(name, out, in, kernel, random);
        normalisation(name, out);
    }

    private void convolution(String name, int out, int in, int kernel, SplittableRandom random) {
        double bound = 1 / Math.sqrt((double) in * kernel * kernel);
        float[] values = new float[out * in * kernel * kernel];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        add(name + ".kernel", values, new Shape(out, in, kernel, kernel));
    }

    private void normalisation(String name, int channels) {
        float[] ones = new float[channels];
        Arrays.fill(ones, 1f);
        add(name + ".scale", ones, new Shape(channels));
        add(name + ".offset", new float[channels], new Shape(channels));
    }

    private void add(String name, float[] values, Shape shape) {
        NDArray weight = manager.create(values, shape);
        weight.setRequiresGradient(true);
        weights.put(name, weight);
    }

    private NDArray weight(String name) {
        NDArray weight = weights.get(name);
        if (weight == null) {
            throw new IllegalStateException("no weight " + name);
        }
        return weight;
    }
}
