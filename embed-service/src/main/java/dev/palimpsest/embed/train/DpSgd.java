package dev.palimpsest.embed.train;

/**
 * Settings of DP-SGD (Abadi et al. 1607.00133, algorithm 1): the gradient of each sample is cut to length {@code clip}, and the sum
 * gets Gaussian noise of deviation {@code noise * clip}.
 *
 * @param delta at which epsilon is told
 */
public record DpSgd(double clip, double noise, double delta) {
    /** When a spec names none. */
    public static final double DELTA = 1e-5;

    /**
     * Epsilon of the released weights for one sample added or taken away, by {@link GaussianAccountant}. It is about the steps alone:
     * the normaliser, which the members determine too, is released without noise and not covered.
     *
     * @param rate chance of a sample to be in a step, at most 1
     */
    public double epsilon(double rate, int steps) {
        return new GaussianAccountant(rate, noise).epsilon(steps, delta);
    }
}
