package dev.palimpsest.invert.unclip;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The noise schedule (Nichol and Dhariwal 2021, section 3.2: cosine) and one step against it:
 *
 * <pre>
 * x0  = clamp((x - sqrt(1 - A_t) eps) / sqrt(A_t))
 * mu  = sqrt(A_p) beta / (1 - A_t) x0 + sqrt(alpha) (1 - A_p) / (1 - A_t) x
 * x_p = mu + sigma noise
 * </pre>
 *
 * <p>All numbers are float32, operation by operation, as in the reference that the networks were published with: near t = 999 and t = 0
 * the differences cancel, and exact arithmetic would move pixels by up to 1e-2.
 */
public final class Schedule {
    private static final double CUTOFF = 0.008;
    private static final double LARGEST_BETA = 0.999;
    private static final float SMALLEST_VARIANCE = 1e-20f;

    private final float[] betas;
    /** Running products of 1 - beta. */
    private final float[] cumulative;

    private final boolean learned;
    private final float range;

    /**
     * @param steps that the network was trained with
     * @param learned whether the network says where between its bounds each pixel's variance is
     * @param range of the clean picture, which is clamped to +- this
     */
    Schedule(int steps, boolean learned, float range) {
        this.betas = new float[steps];
        this.cumulative = new float[steps];
        this.learned = learned;
        this.range = range;
        double product = 1;
        for (int i = 0; i < steps; i++) {
            double beta = Math.min(1 - level((i + 1.0) / steps) / level((double) i / steps), LARGEST_BETA);
            betas[i] = (float) beta;
            product *= 1 - betas[i];
            cumulative[i] = (float) product;
        }
    }

    private static double level(double time) {
        return Math.pow(Math.cos((time + CUTOFF) / (1 + CUTOFF) * Math.PI / 2), 2);
    }

    /** Reads {@code scheduler_config.json} of a folder. */
    static Schedule read(Path folder) {
        ModelConfig config = ModelConfig.read(folder, "scheduler_config.json");
        config.choice("prediction_type", List.of("epsilon"));
        config.choice("beta_schedule", List.of("squaredcos_cap_v2"));
        boolean learned = config.choice("variance_type", List.of("fixed_small_log", "learned_range"))
                .equals("learned_range");
        double range =
                config.flag("clip_sample", true) ? config.number("clip_sample_range", 1.0) : Float.POSITIVE_INFINITY;
        return new Schedule(config.count("num_train_timesteps", 1000), learned, (float) range);
    }

    /** Whether a network's output has a second half, which says the variance. */
    boolean learned() {
        return learned;
    }

    float[] betas() {
        return betas.clone();
    }

    float[] cumulative() {
        return cumulative.clone();
    }

    /**
     * The time steps of a run, from the noisiest to 0, evenly spread and rounded half to even.
     *
     * @param n at least 2, at most what the network was trained with
     */
    int[] timesteps(int n) {
        if (n < 2 || n > betas.length) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "Steps of the decoder and of the super resolution: expected 2 to " + betas.length + ", found " + n
                            + ".");
        }
        // The quotient first: in double it decides some ties, and so it does in the reference.
        double apart = (betas.length - 1) / (n - 1.0);
        int[] timesteps = new int[n];
        for (int k = 0; k < n; k++) {
            timesteps[n - 1 - k] = (int) Math.rint(k * apart);
        }
        return timesteps;
    }

    /** What one step makes of a picture: the clean one that the network has in mind, and the less noisy one. */
    @SuppressWarnings("ArrayRecordComponent") // handed over at once, compared by nobody
    record Step(float[] clean, float[] next) {}

    /**
     * One step.
     *
     * @param output of the network for this picture: noise, then the variance if it is {@link #learned}
     * @param x the picture
     * @param t the time step
     * @param previous the time step to go to; -1 after the last
     * @param noise as many numbers as x; null at t = 0
     */
    Step step(float[] output, float[] x, int t, int previous, float @Nullable [] noise) {
        float past = at(previous);
        float remaining = 1 - cumulative[t];
        float beta = beta(t, previous);
        float alpha = 1 - beta;
        float ofClean = root(past) * beta / remaining;
        float ofX = root(alpha) * (1 - past) / remaining;
        float noiseLevel = root(remaining);
        float pictureLevel = root(cumulative[t]);
        float[] sigma = noise == null ? new float[0] : deviation(output, x.length, t, previous);
        float[] clean = new float[x.length];
        float[] next = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            float guess = (x[i] - noiseLevel * output[i]) / pictureLevel;
            clean[i] = Math.min(range, Math.max(-range, guess));
            next[i] = ofClean * clean[i] + ofX * x[i];
            if (noise != null) {
                next[i] += sigma[i] * noise[i];
            }
        }
        return new Step(clean, next);
    }

    /** The factor in front of the noise, for each of {@code n} numbers of the picture. */
    float[] deviation(float[] output, int n, int t, int previous) {
        float beta = beta(t, previous);
        float variance = (1 - at(previous)) / (1 - cumulative[t]) * beta;
        float smallest = log(learned ? variance : Math.max(variance, SMALLEST_VARIANCE));
        float largest = log(beta);
        float[] sigma = new float[n];
        for (int i = 0; i < n; i++) {
            float log = smallest;
            if (learned) {
                float share = (output[n + i] + 1) / 2;
                log = share * largest + (1 - share) * smallest;
            }
            sigma[i] = (float) Math.exp(0.5f * log);
        }
        return sigma;
    }

    private float beta(int t, int previous) {
        return previous == t - 1 ? betas[t] : 1 - cumulative[t] / at(previous);
    }

    private float at(int t) {
        return t < 0 ? 1 : cumulative[t];
    }

    private static float root(float x) {
        return (float) Math.sqrt(x);
    }

    private static float log(float x) {
        return (float) Math.log(x);
    }
}
