package dev.palimpsest.embed.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Full-batch gradient descent on {@code (1/n) sum_i l(phi(x_i), y_i) + (wd/2) ||theta||^2} for a head of the given {@link HeadForm}:
 * {@code theta <- theta - lr (G + wd theta)}, G the {@link HeadGradient}. {@code float32} on the given device unless asked for
 * otherwise. With one hidden layer an
 * epoch is three matrix products. A {@link TrainDefence} changes gradient and step as {@link DefendedGradient} and {@link Optimiser} say. The same settings and thread count give the same weights bit for bit, however often training is
 * interrupted and resumed. Training until stationarity is what makes the head attackable (Haim et al. 2206.07758, section 3).
 */
public final class HeadTrainer implements AutoCloseable {
    private final TrainSettings settings;
    private final DataType precision;
    private final int n;
    private final int d;
    private final NDManager manager;
    private final NDArray x;
    private final NDArray target;
    private final List<NDArray> w = new ArrayList<>();
    private final List<@Nullable NDArray> b = new ArrayList<>();
    private final @Nullable DefendedGradient defended;
    private final Optimiser optimiser;
    private int epoch;

    /** Told how training goes. */
    @FunctionalInterface
    public interface Listener {
        void at(int epoch);
    }

    /**
     * A head with fresh weights, uniform in +-1/sqrt(fan-in), or with those of a checkpoint.
     *
     * @param inputs {@code [n, d]} row-major, normalised
     * @param labels {@code [n]}, 0 to classes - 1
     */
    public HeadTrainer(
            TrainSettings settings,
            double[] inputs,
            int[] labels,
            Device device,
            @Nullable Map<String, Tensor> checkpoint) {
        this(settings, inputs, labels, device, checkpoint, DataType.FLOAT32);
    }

    /**
     * In {@code float64}, to be compared with a training elsewhere: without a defence.
     *
     * @param start a checkpoint, of epoch 0 for given start values
     */
    public static HeadTrainer precise(
            TrainSettings settings, double[] inputs, int[] labels, Map<String, Tensor> start) {
        return new HeadTrainer(settings, inputs, labels, Device.cpu(), start, DataType.FLOAT64);
    }

    private HeadTrainer(
            TrainSettings settings,
            double[] inputs,
            int[] labels,
            Device device,
            @Nullable Map<String, Tensor> checkpoint,
            DataType precision) {
        this.settings = settings;
        this.precision = precision;
        n = labels.length;
        if (n == 0 || inputs.length % n != 0) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH, inputs.length + " numbers cannot be the inputs of " + n + " samples");
        }
        d = inputs.length / n;
        manager = Torch.newManager(device);
        x = array(inputs, n, d);
        requireLabels(labels);
        double[] targets = HeadGradient.targets(labels, settings.outputs());
        target = array(targets, n, settings.outputs());
        defended = settings.defence().none() ? null : new DefendedGradient(narrow(inputs), targets, n, settings);
        HeadForm form = settings.form();
        SplittableRandom random = new SplittableRandom(settings.seed());
        for (int k = 0; k <= form.depth(); k++) {
            int in = k == 0 ? d : settings.hidden();
            int out = k == form.depth() ? settings.outputs() : settings.hidden();
            boolean biased = form.biases().at(k, form.depth() + 1);
            if (checkpoint == null) {
                w.add(manager.create(uniform(random, out * in, in), new Shape(out, in)));
                b.add(biased ? manager.create(uniform(random, out, in), new Shape(out)) : null);
            } else {
                w.add(array(part(checkpoint, 2 * k + ".weight").toDoubles(), out, in));
                b.add(biased ? array(part(checkpoint, 2 * k + ".bias").toDoubles(), out) : null);
            }
        }
        if (checkpoint != null) {
            epoch = Math.toIntExact(part(checkpoint, "epoch").toLongs()[0]);
        }
        optimiser = new Optimiser(settings.defence().optimiser(), parameters(w, b), manager, checkpoint);
    }

    private NDArray array(double[] values, long... shape) {
        return precision == DataType.FLOAT64
                ? manager.create(values, new Shape(shape))
                : manager.create(narrow(values), new Shape(shape));
    }

    /** Weights and biases, layer by layer. */
    private static List<NDArray> parameters(List<NDArray> w, List<@Nullable NDArray> b) {
        List<NDArray> parameters = new ArrayList<>();
        for (int k = 0; k < w.size(); k++) {
            parameters.add(w.get(k));
            NDArray bias = b.get(k);
            if (bias != null) {
                parameters.add(bias);
            }
        }
        return parameters;
    }

    /** A tensor that a checkpoint must have. */
    static Tensor part(Map<String, Tensor> checkpoint, String name) {
        Tensor tensor = checkpoint.get(name);
        if (tensor == null) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, "The training checkpoint has no tensor '" + name + "'");
        }
        return tensor;
    }

    /** Trains at most {@code epochs} more epochs; returns how many are done in all. */
    public int run(int epochs, Listener listener) {
        int end = Math.min(settings.epochs(), epoch + epochs);
        while (epoch < end) {
            if (defended == null) {
                step();
            } else {
                defendedStep(defended);
            }
            epoch++;
            if (epoch % 100 == 0 || epoch == end) {
                listener.at(epoch);
            }
        }
        return epoch;
    }

    private void step() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            HeadForm form = settings.form();
            HeadGradient gradient = HeadGradient.at(x, target, w, b, form.activation(), form.loss());
            Number lr = scalar(settings.learningRate());
            Number keep = scalar(1 - settings.learningRate() * settings.weightDecay());
            for (int k = 0; k < w.size(); k++) {
                w.get(k).muli(keep).subi(gradient.w().get(k).muli(lr));
                NDArray bias = b.get(k);
                NDArray byBias = gradient.b().get(k);
                if (bias != null && byBias != null) {
                    bias.muli(keep).subi(byBias.muli(lr));
                }
            }
        }
    }

    private Number scalar(double value) {
        return precision == DataType.FLOAT64 ? (Number) value : (Number) (float) value;
    }

    private void defendedStep(DefendedGradient source) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            HeadGradient gradient = source.at(epoch, w, b);
            List<NDArray> parameters = parameters(w, b);
            List<NDArray> gradients = parameters(gradient.w(), gradient.b());
            for (int i = 0; i < parameters.size(); i++) {
                NDArray theta = parameters.get(i);
                NDArray g = gradients.get(i).addi(theta.mul((float) settings.weightDecay()));
                theta.subi(optimiser.direction(i, g, epoch + 1).mul((float) settings.learningRate()));
            }
        }
    }

    private void requireLabels(int[] labels) {
        int classes = Math.max(2, settings.outputs());
        for (int i = 0; i < n; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        "Sample " + i + " has label " + labels[i] + ", expected 0 to " + (classes - 1));
            }
        }
    }

    /** Epochs done. */
    public int epoch() {
        return epoch;
    }

    /** Whether all epochs are done. */
    public boolean done() {
        return epoch >= settings.epochs();
    }

    /** Everything that is needed to go on: weights and epoch. */
    public Map<String, Tensor> checkpoint() {
        Map<String, Tensor> checkpoint = new HashMap<>();
        checkpoint.put("epoch", Tensor.ofLongs(new long[] {epoch}, 1));
        for (int k = 0; k < w.size(); k++) {
            checkpoint.put(2 * k + ".weight", tensor(w.get(k)));
            NDArray bias = b.get(k);
            if (bias != null) {
                checkpoint.put(2 * k + ".bias", tensor(bias));
            }
        }
        optimiser.saveTo(checkpoint);
        return checkpoint;
    }

    static Tensor tensor(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            return Tensor.ofDoubles(array.toDoubleArray(), array.getShape().getShape());
        }
        return Tensor.ofFloats(array.toFloatArray(), array.getShape().getShape());
    }

    /** The head as it stands. */
    public Head head() {
        List<Head.Layer> layers = new ArrayList<>();
        for (int k = 0; k < w.size(); k++) {
            Shape shape = w.get(k).getShape();
            NDArray bias = b.get(k);
            layers.add(new Head.Layer(
                    (int) shape.get(0),
                    (int) shape.get(1),
                    tensor(w.get(k)).toDoubles(),
                    bias == null ? null : tensor(bias).toDoubles()));
        }
        return Head.of(settings.form().activation(), layers);
    }

    @Override
    public void close() {
        manager.close();
    }

    private static float[] uniform(SplittableRandom random, int count, int fanIn) {
        double bound = 1 / Math.sqrt(fanIn);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
