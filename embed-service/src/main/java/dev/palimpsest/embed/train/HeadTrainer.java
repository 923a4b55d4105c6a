package dev.palimpsest.embed.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Full-batch gradient descent on {@code (1/n) sum_i l(phi(x_i), y_i) + (wd/2) ||theta||^2} for the head
 * {@code phi(x) = V relu(W x + b)}, with gradients in closed form:
 *
 * <pre>
 * Z = X W^T + b     A = relu(Z)     O = A V^T
 * D = dl/dO / n:  one output, y = +-1:  -y sigmoid(-y o) / n;   several: (softmax(o) - onehot(y)) / n
 * G_V = D^T A     B = (D V) o [Z > 0]     G_W = B^T X     G_b = sum_i B_i
 * theta <- theta - lr (G + wd theta)
 * </pre>
 *
 * <p>Shapes: X {@code [n, d]}, W {@code [h, d]}, b {@code [h]}, V {@code [C, h]}. {@code float32} on the given device. An epoch is three
 * matrix products. The same settings and thread count give the same weights bit for bit, however often training is
 * interrupted and resumed. Training until stationarity is what makes the head attackable (Haim et al. 2206.07758, section 3).
 */
public final class HeadTrainer implements AutoCloseable {
    private final TrainSettings settings;
    private final int n;
    private final int d;
    private final NDManager manager;
    private final NDArray x;
    private final NDArray target;
    private final NDArray w;
    private final NDArray b;
    private final NDArray v;
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
        this.settings = settings;
        n = labels.length;
        if (n == 0 || inputs.length % n != 0) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH, inputs.length + " numbers cannot be the inputs of " + n + " samples");
        }
        d = inputs.length / n;
        manager = Torch.newManager(device);
        x = manager.create(narrow(inputs), new Shape(n, d));
        target = manager.create(targets(labels), new Shape(n, settings.outputs()));
        int h = settings.hidden();
        if (checkpoint == null) {
            SplittableRandom random = new SplittableRandom(settings.seed());
            w = manager.create(uniform(random, h * d, d), new Shape(h, d));
            b = manager.create(uniform(random, h, d), new Shape(h));
            v = manager.create(uniform(random, settings.outputs() * h, h), new Shape(settings.outputs(), h));
        } else {
            w = manager.create(part(checkpoint, "0.weight").toFloats(), new Shape(h, d));
            b = manager.create(part(checkpoint, "0.bias").toFloats(), new Shape(h));
            v = manager.create(part(checkpoint, "2.weight").toFloats(), new Shape(settings.outputs(), h));
            epoch = Math.toIntExact(part(checkpoint, "epoch").toLongs()[0]);
        }
    }

    private static Tensor part(Map<String, Tensor> checkpoint, String name) {
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
            step();
            epoch++;
            if (epoch % 100 == 0 || epoch == end) {
                listener.at(epoch);
            }
        }
        return epoch;
    }

    private void step() {
        try (NDManager scope = manager.newSubManager()) {
            x.attach(scope);
            NDArray z = x.matMul(w.transpose()).addi(b);
            NDArray open = z.gt(0).toType(DataType.FLOAT32, false);
            NDArray a = z.muli(open);
            NDArray delta = outputGradient(a.matMul(v.transpose()));
            NDArray gV = delta.transpose().matMul(a);
            NDArray back = delta.matMul(v).muli(open);
            NDArray gW = back.transpose().matMul(x);
            NDArray gB = back.sum(new int[] {0});
            float lr = (float) settings.learningRate();
            float keep = (float) (1 - settings.learningRate() * settings.weightDecay());
            w.muli(keep).subi(gW.muli(lr));
            b.muli(keep).subi(gB.muli(lr));
            v.muli(keep).subi(gV.muli(lr));
            x.attach(manager);
        }
    }

    /** dl/dO / n, {@code [n, C]}. */
    private NDArray outputGradient(NDArray o) {
        if (settings.outputs() == 1) {
            NDArray probability = o.mul(target).neg().getNDArrayInternal().sigmoid();
            return probability.muli(target).muli(-1f / n);
        }
        return o.softmax(1).subi(target).muli(1f / n);
    }

    private float[] targets(int[] labels) {
        int c = settings.outputs();
        float[] y = new float[n * c];
        for (int i = 0; i < n; i++) {
            if (labels[i] < 0 || labels[i] >= Math.max(2, c)) {
                throw new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        "Sample " + i + " has label " + labels[i] + ", expected 0 to " + (Math.max(2, c) - 1));
            }
            if (c == 1) {
                y[i] = labels[i] == 1 ? 1 : -1;
            } else {
                y[i * c + labels[i]] = 1;
            }
        }
        return y;
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
        return Map.of(
                "0.weight", Tensor.ofFloats(w.toFloatArray(), settings.hidden(), d),
                "0.bias", Tensor.ofFloats(b.toFloatArray(), settings.hidden()),
                "2.weight", Tensor.ofFloats(v.toFloatArray(), settings.outputs(), settings.hidden()),
                "epoch", Tensor.ofLongs(new long[] {epoch}, 1));
    }

    /** The head as it stands. */
    public Head head() {
        return Head.of(d, widen(w.toFloatArray()), widen(b.toFloatArray()), widen(v.toFloatArray()), null);
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

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
