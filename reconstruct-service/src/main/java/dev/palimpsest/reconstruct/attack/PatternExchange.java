package dev.palimpsest.reconstruct.attack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Exchanges chosen patterns, one at a time, for others of the pool until the members that follow from them are consistent.
 *
 * <p>As many patterns as the rank reproduce the balanced rows almost exactly, right or wrong: what is left over can't tell them apart.
 * What can: the member {@code m_j} that follows for a pattern must have that pattern as its own gates. The objective is
 *
 * <pre>J = sum_j exp(-(misfit_j / .2)^2) exp(-violation_j / .02)
 * violation_j = mean over neurons of min(|z_jk| / mean_k |z_jk|, 1) where the gate of z_jk is not that of the pattern</pre>
 *
 * A pattern p = sum_j u_j s_j that takes the place of s_i changes the other members by multiples of one vector only, m_j - u_j m_p, so an
 * exchange is tried in {@code n K} operations, and those members whose u_j is small are left as they are.
 */
final class PatternExchange {
    /** A misfit (see {@link GateSpace#misfit}) at which a pattern counts for 1/e. Those of members are .02 to .13, of others .1 and more. */
    private static final double MISFIT = .2;

    private static final double VIOLATION = .02;
    /** Replacements tried for a pattern, those that explain most of what it leaves; and none that explains less than a share of the best. */
    private static final int TRIED = 80;

    private static final double WORTH_TRYING = .3;
    private static final int SWEEPS = 6;
    /** A member that moves by less than this share of its activations is not looked at again. */
    private static final double UNMOVED = .005;

    private final GatePatterns pool;
    private final double[] prior;
    private final PatternRegression regression;

    /**
     * What is left when no exchange helps.
     *
     * @param chosen indices into the pool
     * @param score {@code [n]} in 0..1, the terms of J
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Exchanged(int[] chosen, double[] score) {}

    PatternExchange(GateSpace space, GatePatterns pool) {
        this.pool = pool;
        this.regression = new PatternRegression(space, pool);
        this.prior = IntStream.range(0, pool.size())
                .mapToDouble(i -> Math.exp(-Math.pow(pool.misfit(i) / MISFIT, 2)))
                .toArray();
    }

    /** @param chosen distinct indices into the pool */
    Exchanged improve(int[] chosen, Progress progress) {
        regression.reset(chosen);
        double[] score = scores();
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            boolean changed = false;
            progress.at(
                    sweep,
                    SWEEPS,
                    "exchanging patterns; %.1f consistent"
                            .formatted(Arrays.stream(score).sum()));
            for (int slot : worstFirst(score)) {
                int better = better(slot, Arrays.stream(score).sum());
                if (better >= 0) {
                    regression.exchange(slot, better);
                    score = scores();
                    changed = true;
                }
            }
            if (!changed) {
                break;
            }
            regression.reset(regression.chosen());
            score = scores();
        }
        return new Exchanged(regression.chosen().clone(), score);
    }

    private static int[] worstFirst(double[] score) {
        return IntStream.range(0, score.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> score[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private double[] scores() {
        int[] chosen = regression.chosen();
        double[] score = new double[chosen.length];
        Arrays.setAll(score, j -> score(regression.activations(j), regression.bias(j), chosen[j]));
        return score;
    }

    private double score(double[] z, double bias, int pattern) {
        return prior[pattern] * Math.exp(-violation(z, bias, pool.signs(pattern)) / VIOLATION);
    }

    /** {@code z} is the activation times the bias coordinate, whose sign is the sign of the member's label. */
    private static double violation(double[] z, double bias, double[] signs) {
        double size = 0;
        for (double value : z) {
            size += Math.abs(value);
        }
        double factor = -Math.signum(bias) * z.length / Math.max(1e-300, size);
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
            sum += Math.max(0, Math.min(1, factor * z[k] * signs[k]));
        }
        return sum / z.length;
    }

    /** The pattern whose place in the slot raises J most, or -1. */
    private int better(int slot, double total) {
        PatternRegression.Without without = regression.without(slot);
        int[] chosen = regression.chosen();
        int n = chosen.length;
        double[] alone = new double[n];
        double[] size = new double[n];
        for (int j = 0; j < n; j++) {
            if (j != slot) {
                alone[j] = score(without.z()[j], without.bias()[j], chosen[j]);
                size[j] = length(without.z()[j]);
            }
        }
        double[] moved = new double[pool.neurons()];
        double best = total + 1e-6;
        int winner = -1;
        for (int candidate : without.replacements(TRIED, WORTH_TRYING)) {
            PatternRegression.Added added = without.add(candidate);
            double reach = length(added.z());
            double sum = score(added.z(), added.bias(), candidate);
            for (int j = 0; j < n; j++) {
                if (j == slot) {
                    continue;
                }
                double u = added.u()[j];
                double bias = without.bias()[j] - u * added.bias();
                if (Math.abs(u) * reach < UNMOVED * size[j] && bias * without.bias()[j] > 0) {
                    sum += alone[j];
                } else {
                    double[] z = without.z()[j];
                    double[] other = added.z();
                    for (int k = 0; k < moved.length; k++) {
                        moved[k] = z[k] - u * other[k];
                    }
                    sum += score(moved, bias, chosen[j]);
                }
            }
            if (sum > best) {
                best = sum;
                winner = candidate;
            }
        }
        return winner;
    }

    private static double length(double[] a) {
        return RowSpace.norm(a, 0, a.length);
    }
}
