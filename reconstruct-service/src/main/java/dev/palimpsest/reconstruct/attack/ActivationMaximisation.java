package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A baseline, not an attack: inputs of the head that it answers most surely. It shows what a class looks like to the head, and that
 * this is no member: what an attack finds must be nearer to members than that.
 *
 * <p>Ascent on {@code y phi(x)}, for several outputs on {@code log softmax_y}, over the sphere of radius sqrt(d), where z-scored embeddings
 * lie; steps are of fixed length along the gradient. After Simonyan et al. 2014 (Deep inside convolutional networks), without a penalty since
 * the length is fixed. Heads of any depth and activation.
 */
public final class ActivationMaximisation {
    private static final int STEPS = 200;
    /** Of a step, over the radius; falls to nothing. */
    private static final double STEP = .1;

    private ActivationMaximisation() {}

    /**
     * Two for each member, labels in turn, each from a random start.
     *
     * @return {@code 2 members} candidates, surest first
     */
    public static Candidates find(Head head, int members, Device device, long seed) {
        int n = 2 * members;
        int d = head.inputs();
        int classes = Math.max(2, head.outputs());
        int[] label = IntStream.range(0, n).map(i -> i % classes).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        double[] start = new double[n * d];
        Arrays.setAll(start, i -> random.nextGaussian());
        try (NDManager manager = Torch.newManager(device)) {
            List<NDArray[]> layers =
                    head.layers().stream().map(layer -> layer(manager, layer)).toList();
            NDArray sides = manager.create(StationarityLoss.sides(label, head.outputs()), new Shape(n, head.outputs()));
            NDArray x = onSphere(manager.create(start, new Shape(n, d)));
            for (int step = 0; step < STEPS; step++) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    NDArray up = onSphere(gradient(layers, head.activation(), x, sides));
                    NDArray next = onSphere(x.add(up.mul(STEP * (1 - step / (double) STEPS))));
                    NDScope.unregister(next);
                    x.close();
                    x = next;
                }
            }
            double[] sure = sureness(layers, head.activation(), x, sides);
            float[] found = x.toType(DataType.FLOAT32, false).toFloatArray();
            double[] one = new double[n];
            Arrays.fill(one, 1);
            return Candidates.ranked(d, List.of(new Candidates(n, d, found, new int[n], one, label, sure)));
        }
    }

    private static NDArray[] layer(NDManager manager, Head.Layer layer) {
        double[] bias = layer.bias();
        return new NDArray[] {
            manager.create(layer.weight(), new Shape(layer.outputs(), layer.inputs())),
            manager.create(bias == null ? new double[layer.outputs()] : bias)
        };
    }

    /** Rows of length sqrt(d). */
    private static NDArray onSphere(NDArray x) {
        long d = x.getShape().get(1);
        NDArray length = x.square().sum(new int[] {1}, true).sqrt().maximum(1e-12);
        return x.div(length).mul(Math.sqrt(d));
    }

    /** Of the hidden layers, first to last. */
    private static List<HeadActivation.Values> hidden(List<NDArray[]> layers, HeadActivation activation, NDArray x) {
        List<HeadActivation.Values> hidden = new ArrayList<>();
        NDArray a = x;
        for (NDArray[] layer : layers.subList(0, layers.size() - 1)) {
            HeadActivation.Values values = activation.at(out(layer, a));
            hidden.add(values);
            a = values.value();
        }
        return hidden;
    }

    private static NDArray logits(List<NDArray[]> layers, List<HeadActivation.Values> hidden, NDArray x) {
        int last = hidden.size();
        return out(layers.get(last), last == 0 ? x : hidden.get(last - 1).value());
    }

    private static NDArray gradient(List<NDArray[]> layers, HeadActivation activation, NDArray x, NDArray sides) {
        List<HeadActivation.Values> hidden = hidden(layers, activation, x);
        NDArray up = sides.getShape().get(1) == 1
                ? sides
                : sides.sub(logits(layers, hidden, x).softmax(1));
        for (int k = hidden.size(); k >= 0; k--) {
            up = up.matMul(layers.get(k)[0]);
            if (k > 0) {
                up = up.mul(hidden.get(k - 1).slope());
            }
        }
        return up;
    }

    /** {@code y phi}, or the logit of the class less the mean of all, {@code [n]}. */
    private static double[] sureness(List<NDArray[]> layers, HeadActivation activation, NDArray x, NDArray sides) {
        NDArray logits = logits(layers, hidden(layers, activation, x), x);
        if (sides.getShape().get(1) > 1) {
            logits = logits.sub(logits.mean(new int[] {1}, true));
        }
        return logits.mul(sides).sum(new int[] {1}).toDoubleArray();
    }

    private static NDArray out(NDArray[] layer, NDArray a) {
        return a.matMul(layer[0].transpose()).add(layer[1]);
    }
}
