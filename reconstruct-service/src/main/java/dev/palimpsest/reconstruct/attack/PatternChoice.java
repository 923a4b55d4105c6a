package dev.palimpsest.reconstruct.attack;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Simultaneous orthogonal matching pursuit (Tropp, Gilbert and Strauss 2006) over gate patterns: greedily the k patterns that together
 * explain the balanced rows best. Residuals are never formed: {@code R^T D} takes one rank-one update per choice, so a choice
 * among N patterns costs {@code N (K / 8 + 2 rank)}.
 */
final class PatternChoice {
    /** A pattern of which less is left than this share (squared) is explained by those chosen already. */
    private static final double SPENT = .05 * .05;

    private final int neurons;
    private final double[][] target;
    private final Map<long[], double[]> correlations = new IdentityHashMap<>();

    /**
     * @param chosen indices into the pool, in order of choice
     * @param left share of the balanced rows that they leave unexplained, 0 to 1
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Choice(int[] chosen, double left) {}

    /** {@code target [K, rank]}. */
    PatternChoice(double[][] target) {
        this.neurons = target.length;
        double size = 0;
        for (double[] row : target) {
            size += BalancedNeurons.dot(row, row);
        }
        double factor = 1 / Math.sqrt(size);
        this.target = Arrays.stream(target)
                .map(row -> Arrays.stream(row).map(value -> value * factor).toArray())
                .toArray(double[][]::new);
    }

    Choice choose(GatePatterns pool, int k) {
        int n = pool.size();
        int rank = target[0].length;
        double[][] correlation = new double[n][];
        double[] length = new double[n];
        double[] left = new double[n];
        for (int i = 0; i < n; i++) {
            correlation[i] = correlations
                    .computeIfAbsent(pool.bits(i), this::correlation)
                    .clone();
            length[i] = Math.sqrt(GatePatterns.open(pool.bits(i)));
            left[i] = 1;
        }
        double residual = 1;
        int[] chosen = new int[Math.min(k, n)];
        double[][] directions = new double[chosen.length][];
        boolean[] taken = new boolean[n];
        for (int step = 0; step < chosen.length; step++) {
            int best = best(correlation, left, taken);
            if (best < 0) {
                return new Choice(Arrays.copyOf(chosen, step), Math.sqrt(Math.max(0, residual)));
            }
            chosen[step] = best;
            taken[best] = true;
            directions[step] = direction(pool, best, directions, step);
            double factor = 1 / Math.sqrt(left[best]);
            double[] explained = Arrays.stream(correlation[best])
                    .map(value -> value * factor)
                    .toArray();
            residual -= BalancedNeurons.dot(explained, explained);
            double[][] sums = byteSums(directions[step]);
            for (int i = 0; i < n; i++) {
                double share = sum(sums, pool.bits(i)) / length[i];
                left[i] -= share * share;
                for (int c = 0; c < rank; c++) {
                    correlation[i][c] -= share * explained[c];
                }
            }
        }
        return new Choice(chosen, Math.sqrt(Math.max(0, residual)));
    }

    private static int best(double[][] correlation, double[] left, boolean[] taken) {
        int best = -1;
        double most = 0;
        for (int i = 0; i < left.length; i++) {
            if (!taken[i] && left[i] > SPENT) {
                double gain = BalancedNeurons.dot(correlation[i], correlation[i]) / left[i];
                if (gain > most) {
                    most = gain;
                    best = i;
                }
            }
        }
        return best;
    }

    /** The part of a pattern that is orthogonal to the directions before, unit length; orthogonalised twice against rounding. */
    private double[] direction(GatePatterns pool, int i, double[][] before, int count) {
        double[] q = pool.row(i);
        for (int pass = 0; pass < 2; pass++) {
            for (int o = 0; o < count; o++) {
                double along = BalancedNeurons.dot(q, before[o]);
                for (int k = 0; k < neurons; k++) {
                    q[k] -= along * before[o][k];
                }
            }
        }
        double factor = 1 / RowSpace.norm(q, 0, neurons);
        return Arrays.stream(q).map(value -> value * factor).toArray();
    }

    private double[] correlation(long[] pattern) {
        double[] sum = new double[target[0].length];
        for (int k = 0; k < neurons; k++) {
            if (((pattern[k >> 6] >>> k) & 1) != 0) {
                for (int c = 0; c < sum.length; c++) {
                    sum[c] += target[k][c];
                }
            }
        }
        double factor = 1 / Math.sqrt(GatePatterns.open(pattern));
        return Arrays.stream(sum).map(value -> value * factor).toArray();
    }

    /** For each byte of a pattern and each of its values: the sum of q over its open neurons. */
    private static double[][] byteSums(double[] q) {
        double[][] sums = new double[(q.length + 7) / 8][256];
        for (int at = 0; at < sums.length; at++) {
            for (int value = 1; value < 256; value++) {
                int lowest = Integer.numberOfTrailingZeros(value);
                int k = at * 8 + lowest;
                sums[at][value] = sums[at][value & (value - 1)] + (k < q.length ? q[k] : 0);
            }
        }
        return sums;
    }

    private static double sum(double[][] sums, long[] pattern) {
        double sum = 0;
        for (int at = 0; at < sums.length; at++) {
            sum += sums[at][(int) (pattern[at >> 3] >>> (8 * (at & 7))) & 255];
        }
        return sum;
    }
}
