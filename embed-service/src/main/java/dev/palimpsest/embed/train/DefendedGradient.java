package dev.palimpsest.embed.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.HeadActivation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@link HeadGradient} of one defended step: of drawn samples with noise on their embeddings, hidden neurons dropped, labels smoothed;
 * with DP-SGD each sample's gradient cut to length {@code clip}. A layer's gradient of sample i is the outer product of its signal
 * B_ki and A_(k-1)i, so that its squared length is {@code |B_ki|^2 (|A_(k-1)i|^2 + 1)} (1 for the bias) and no gradient of a single
 * sample is ever formed (Goodfellow 1510.01799). Draws depend on seed and step alone.
 */
final class DefendedGradient {
    private final float[] inputs;
    private final float[] targets;
    private final int n;
    private final int d;
    private final int outputs;
    private final HeadForm form;
    private final TrainDefence defence;
    private final long seed;

    /**
     * @param inputs {@code [n, d]}
     * @param targets {@code [n, C]} as {@link HeadGradient#targets} makes them
     */
    DefendedGradient(float[] inputs, double[] targets, int n, TrainSettings settings) {
        this.inputs = inputs;
        this.n = n;
        this.d = inputs.length / n;
        this.outputs = settings.outputs();
        this.form = settings.form();
        this.defence = settings.defence();
        this.seed = new SplittableRandom(~settings.seed()).nextLong();
        this.targets = new float[targets.length];
        double keep = 1 - defence.labelSmoothing();
        double spread = outputs == 1 ? 0 : defence.labelSmoothing() / outputs;
        for (int i = 0; i < targets.length; i++) {
            this.targets[i] = (float) (keep * targets[i] + spread);
        }
    }

    HeadGradient at(int step, List<NDArray> w, List<@Nullable NDArray> b) {
        RandomGenerator random = new SplittableRandom(seed + step);
        NDManager manager = w.get(0).getManager();
        int[] rows = defence.rows(n, random);
        int last = w.size() - 1;
        List<NDArray> byWeight = new ArrayList<>(Collections.nCopies(last + 1, w.get(0)));
        List<@Nullable NDArray> byBias = new ArrayList<>(b);
        DpSgd dp = defence.dp();
        double share = dp == null ? rows.length : n * defence.rate(n);
        NDArray logits = w.get(last);
        if (rows.length == 0) {
            for (int k = 0; k <= last; k++) {
                NDArray bias = b.get(k);
                byWeight.set(k, w.get(k).zerosLike());
                byBias.set(k, bias == null ? null : bias.zerosLike());
            }
        } else {
            NDArray[] a = new NDArray[last + 1];
            NDArray[] slope = new NDArray[last];
            a[0] = manager.create(noisy(rows, random), new Shape(rows.length, d));
            NDArray z = HeadGradient.affine(a[0], w.get(0), b.get(0));
            for (int k = 0; k < last; k++) {
                HeadActivation.Values values = form.activation().at(z);
                NDArray kept = mask(manager, values.value().getShape(), random);
                a[k + 1] = kept == null ? values.value() : values.value().mul(kept);
                slope[k] = kept == null ? values.slope() : values.slope().mul(kept);
                z = HeadGradient.affine(a[k + 1], w.get(k + 1), b.get(k + 1));
            }
            logits = z;
            NDArray[] back = new NDArray[last + 1];
            back[last] = slope(z, manager.create(pick(targets, outputs, rows), new Shape(rows.length, outputs)));
            for (int k = last; k > 0; k--) {
                back[k - 1] = back[k].matMul(w.get(k)).muli(slope[k - 1]);
            }
            NDArray scale = dp == null ? null : cut(dp.clip(), back, a, b);
            for (int k = 0; k <= last; k++) {
                NDArray signal = scale == null ? back[k] : back[k].mul(scale);
                byWeight.set(k, signal.transpose().matMul(a[k]));
                byBias.set(k, b.get(k) == null ? null : signal.sum(new int[] {0}));
            }
        }
        for (int k = 0; k <= last; k++) {
            finish(byWeight.get(k), dp, share, random);
            NDArray bias = byBias.get(k);
            if (bias != null) {
                finish(bias, dp, share, random);
            }
        }
        return new HeadGradient(logits, byWeight, byBias);
    }

    /** Adds the noise of DP-SGD and divides by how many samples a step has. */
    private static void finish(NDArray sum, @Nullable DpSgd dp, double share, RandomGenerator random) {
        if (dp != null) {
            float[] noise = new float[Math.toIntExact(sum.size())];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (float) (dp.clip() * dp.noise() * random.nextGaussian());
            }
            sum.addi(sum.getManager().create(noise, sum.getShape()));
        }
        sum.muli((float) (1 / share));
    }

    /** {@code [m, 1]}: what makes a sample's gradient no longer than {@code clip}. */
    private static NDArray cut(double clip, NDArray[] back, NDArray[] a, List<@Nullable NDArray> b) {
        NDArray squared =
                back[0].getManager().zeros(new Shape(back[0].getShape().get(0), 1));
        for (int k = 0; k < back.length; k++) {
            NDArray input = a[k].square().sum(new int[] {1}, true);
            if (b.get(k) != null) {
                input.addi(1);
            }
            squared.addi(back[k].square().sum(new int[] {1}, true).muli(input));
        }
        return squared.sqrt().maximum((float) clip).pow(-1).muli((float) clip);
    }

    /** The loss's slope by logits for targets that may be smoothed. */
    private NDArray slope(NDArray o, NDArray t) {
        return form.loss() == HeadForm.Loss.CROSS_ENTROPY && outputs == 1
                ? o.getNDArrayInternal().sigmoid().subi(t.add(1).muli(.5f))
                : form.loss().slope(o, t);
    }

    private float[] noisy(int[] rows, RandomGenerator random) {
        float[] x = pick(inputs, d, rows);
        if (defence.embeddingNoise() > 0) {
            for (int i = 0; i < x.length; i++) {
                x[i] += (float) (defence.embeddingNoise() * random.nextGaussian());
            }
        }
        return x;
    }

    private @Nullable NDArray mask(NDManager manager, Shape shape, RandomGenerator random) {
        if (defence.dropout() == 0) {
            return null;
        }
        float[] mask = new float[Math.toIntExact(shape.size())];
        float kept = (float) (1 / (1 - defence.dropout()));
        for (int i = 0; i < mask.length; i++) {
            mask[i] = random.nextDouble() < defence.dropout() ? 0 : kept;
        }
        return manager.create(mask, shape);
    }

    private static float[] pick(float[] matrix, int width, int[] rows) {
        float[] picked = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(matrix, rows[i] * width, picked, i * width, width);
        }
        return picked;
    }
}
