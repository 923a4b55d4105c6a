package dev.palimpsest.embed.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers about a trained head, in {@code float64} on the processor: accuracy, mean loss, and the relative stationarity residual
 * {@code ||grad mean loss + wd theta|| / ||wd theta||} over all parameters (0 at convergence; what the attack assumes).
 */
public final class HeadCheck {
    private HeadCheck() {}

    /**
     * @param residual NaN when there is no weight decay: then there is no stationary point
     */
    public record Result(double accuracy, double loss, double residual) {}

    /** {@link #check(Head, HeadForm.Loss, double[], int[], double)} with cross entropy. */
    public static Result check(Head head, double[] inputs, int[] labels, double weightDecay) {
        return check(head, HeadForm.Loss.CROSS_ENTROPY, inputs, labels, weightDecay);
    }

    /**
     * @param inputs {@code [n, d]} row-major, normalised
     * @param labels {@code [n]}
     */
    public static Result check(Head head, HeadForm.Loss loss, double[] inputs, int[] labels, double weightDecay) {
        int n = labels.length;
        int outputs = head.outputs();
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            List<NDArray> w = new ArrayList<>();
            List<@Nullable NDArray> b = new ArrayList<>();
            for (Head.Layer layer : head.layers()) {
                double[] bias = layer.bias();
                w.add(manager.create(layer.weight(), new Shape(layer.outputs(), layer.inputs())));
                b.add(bias == null ? null : manager.create(bias));
            }
            NDArray target = manager.create(HeadGradient.targets(labels, outputs), new Shape(n, outputs));
            HeadGradient gradient = HeadGradient.at(
                    manager.create(inputs, new Shape(n, head.inputs())), target, w, b, head.activation(), loss);
            return new Result(
                    accuracy(gradient.logits().toDoubleArray(), labels, outputs),
                    loss.value(gradient.logits(), target).getDouble() / n,
                    weightDecay > 0 ? residual(gradient, w, b, head, weightDecay) : Double.NaN);
        }
    }

    private static double accuracy(double[] logits, int[] labels, int outputs) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int k = 1; k < outputs; k++) {
                best = logits[i * outputs + k] > logits[i * outputs + best] ? k : best;
            }
            int answer = outputs > 1 ? best : logits[i] > 0 ? 1 : 0;
            right += answer == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    private static double residual(
            HeadGradient gradient, List<NDArray> w, List<@Nullable NDArray> b, Head head, double weightDecay) {
        double off = 0;
        for (int k = 0; k < w.size(); k++) {
            off += squared(gradient.w().get(k), w.get(k), weightDecay);
            NDArray bias = b.get(k);
            NDArray byBias = gradient.b().get(k);
            if (bias != null && byBias != null) {
                off += squared(byBias, bias, weightDecay);
            }
        }
        return Math.sqrt(off / head.squaredLength()) / weightDecay;
    }

    /** sum (g + wd theta)^2. */
    private static double squared(NDArray gradient, NDArray theta, double weightDecay) {
        return theta.mul(weightDecay).addi(gradient).square().sum().getDouble();
    }
}
