package dev.palimpsest.embed.train;

import dev.palimpsest.contracts.DefenceSpec;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the training of a head does against reconstruction, beside plain full-batch descent.
 *
 * @param dropout share of hidden neurons that a step drops; the others are scaled by 1 / (1 - dropout)
 * @param labelSmoothing share s of a label that is spread: t becomes (1 - s) t, for C outputs plus s / C
 * @param batch samples of a step, drawn anew each time: this many, or with DP-SGD each with chance batch / n; 0: all
 * @param embeddingNoise deviation of noise on normalised embeddings, drawn anew in each step
 */
public record TrainDefence(
        double dropout,
        double labelSmoothing,
        int batch,
        Optimiser.Kind optimiser,
        double embeddingNoise,
        @Nullable DpSgd dp) {
    /** Plain full-batch gradient descent. */
    public static final TrainDefence NONE = new TrainDefence(0, 0, 0, Optimiser.Kind.PLAIN, 0, null);

    /** By the keys of a spec; null is none. */
    public static TrainDefence of(@Nullable DefenceSpec spec) {
        if (spec == null) {
            return NONE;
        }
        Double clip = spec.dpClip();
        Double noise = spec.dpNoise();
        Double delta = spec.dpDelta();
        return new TrainDefence(
                spec.dropout() == null ? 0 : spec.dropout(),
                spec.labelSmoothing() == null ? 0 : spec.labelSmoothing(),
                spec.batch() == null ? 0 : spec.batch(),
                Optimiser.Kind.named(spec.optimiser()),
                spec.embeddingNoise() == null ? 0 : spec.embeddingNoise(),
                clip == null || noise == null ? null : new DpSgd(clip, noise, delta == null ? DpSgd.DELTA : delta));
    }

    boolean none() {
        return equals(NONE);
    }

    /** Chance of one of n samples to be in a step. */
    public double rate(int n) {
        return batch == 0 ? 1 : Math.min(1, (double) batch / n);
    }

    /** The samples of one step, rising. */
    int[] rows(int n, RandomGenerator random) {
        double rate = rate(n);
        if (rate >= 1) {
            return IntStream.range(0, n).toArray();
        }
        if (dp != null) {
            return IntStream.range(0, n).filter(i -> random.nextDouble() < rate).toArray();
        }
        int[] rows = new int[batch];
        int taken = 0;
        for (int i = 0; taken < batch; i++) {
            if (random.nextDouble() * (n - i) < batch - taken) {
                rows[taken++] = i;
            }
        }
        return rows;
    }
}
