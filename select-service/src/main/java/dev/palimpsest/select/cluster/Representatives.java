package dev.palimpsest.select.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One vector per cluster, chosen without looking at members.
 *
 * <p>Candidates of the optimiser carry no score: their representative is the mean of the cluster's unit vectors, scaled to the
 * median length of its candidates, and its score is {@code distinct trials * mean inner cosine * sum of |lambda|}
 * (several trials that agree are evidence, one trial that repeats itself is not). Where a cluster holds candidates with a score of their own,
 * the best of them stands for it unchanged: averaging would only blur what its method has already chosen.
 */
public final class Representatives {
    private Representatives() {}

    /**
     * Representatives in the order of the labels.
     *
     * @param labels {@code [n]} numbered from 0 without gaps, as {@link AverageLinkage#cluster} gives them
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link UnitVectors#of}; SHAPE_MISMATCH unless there is one label per candidate
     */
    public static List<Representative> of(Candidates candidates, long[] labels) {
        UnitVectors.requireLength(labels.length, candidates.n(), "labels of clusters");
        double[] unit = UnitVectors.of(candidates.x(), candidates.n(), candidates.d(), "candidates");
        Map<Long, List<Integer>> clusters = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            clusters.computeIfAbsent(labels[i], l -> new ArrayList<>()).add(i);
        }
        return clusters.values().stream()
                .map(rows -> representative(
                        candidates,
                        unit,
                        rows.stream().mapToInt(Integer::intValue).toArray()))
                .toList();
    }

    private static Representative representative(Candidates all, double[] unit, int[] rows) {
        double[] sum = sum(unit, rows, all.d());
        double squared = Arrays.stream(sum).map(s -> s * s).sum();
        int size = rows.length;
        double coherence = size == 1 ? 1 : (squared - size) / ((double) size * (size - 1));
        int trials =
                (int) Arrays.stream(rows).map(i -> all.trial()[i]).distinct().count();
        double multipliers = Arrays.stream(rows)
                .mapToDouble(i -> Math.abs(all.multiplier()[i]))
                .sum();
        int best = best(all.score(), rows);
        if (best >= 0) {
            float[] x = Arrays.copyOfRange(all.x(), best * all.d(), (best + 1) * all.d());
            return new Representative(
                    x, all.score()[best], true, all.label()[best], size, trials, coherence, multipliers);
        }
        double scale = medianNorm(all, rows) / Math.sqrt(squared);
        float[] x = new float[all.d()];
        for (int k = 0; k < x.length; k++) {
            x[k] = (float) (sum[k] * scale);
        }
        return new Representative(
                x,
                trials * coherence * multipliers,
                false,
                heaviestLabel(all, rows),
                size,
                trials,
                coherence,
                multipliers);
    }

    private static double[] sum(double[] unit, int[] rows, int d) {
        double[] sum = new double[d];
        for (int row : rows) {
            for (int k = 0; k < d; k++) {
                sum[k] += unit[row * d + k];
            }
        }
        return sum;
    }

    /** The candidate with the largest score of its own, the first of equals, or -1 if none has one. */
    private static int best(double[] score, int[] rows) {
        int best = -1;
        for (int row : rows) {
            if (!Double.isNaN(score[row]) && (best < 0 || score[row] > score[best])) {
                best = row;
            }
        }
        return best;
    }

    private static double medianNorm(Candidates all, int[] rows) {
        double[] norms = Arrays.stream(rows)
                .mapToDouble(i -> UnitVectors.norm(all.x(), i, all.d()))
                .sorted()
                .toArray();
        return (norms[(norms.length - 1) / 2] + norms[norms.length / 2]) / 2;
    }

    private static int heaviestLabel(Candidates all, int[] rows) {
        Map<Integer, Double> weight = new TreeMap<>();
        for (int row : rows) {
            weight.merge(all.label()[row], Math.abs(all.multiplier()[row]), Double::sum);
        }
        return weight.entrySet().stream()
                .max(Map.Entry.<Integer, Double>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .orElseThrow()
                .getKey();
    }
}
