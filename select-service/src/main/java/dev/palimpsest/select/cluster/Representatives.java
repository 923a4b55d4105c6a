package dev.palimpsest.select.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * One vector per cluster, chosen without looking at members.
 *
 * <p>The representative is the mean of the cluster's unit vectors, scaled to the median length of its candidates. Agreement of distinct
 * trials is evidence, one trial that repeats itself is not:
 *
 * <ul>
 *   <li>candidates with a score of their own (how consistent their method finds them) weigh by it, and the representative's score is the
 *       sum over distinct trials of the best score of each;
 *   <li>without scores all weigh the same, and the score is {@code distinct trials * mean inner cosine * sum of |lambda|}.
 * </ul>
 */
public final class Representatives {
    /** Weight of a candidate that its method finds wholly inconsistent. */
    private static final double LEAST = .05;

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
        double[] sum = sum(unit, rows, all.d(), i -> 1);
        double squared = Arrays.stream(sum).map(s -> s * s).sum();
        int size = rows.length;
        double coherence = size == 1 ? 1 : (squared - size) / ((double) size * (size - 1));
        int trials =
                (int) Arrays.stream(rows).map(i -> all.trial()[i]).distinct().count();
        double multipliers = Arrays.stream(rows)
                .mapToDouble(i -> Math.abs(all.multiplier()[i]))
                .sum();
        boolean scored = Arrays.stream(rows).anyMatch(i -> !Double.isNaN(all.score()[i]));
        double[] mean = scored ? sum(unit, rows, all.d(), i -> weight(all.score()[i])) : sum;
        double scale = medianNorm(all, rows)
                / Math.sqrt(Arrays.stream(mean).map(s -> s * s).sum());
        float[] x = new float[all.d()];
        for (int k = 0; k < x.length; k++) {
            x[k] = (float) (mean[k] * scale);
        }
        return new Representative(
                x,
                scored ? agreement(all, rows) : trials * coherence * multipliers,
                scored,
                heaviestLabel(all, rows),
                size,
                trials,
                coherence,
                multipliers);
    }

    private static double weight(double score) {
        return Double.isNaN(score) ? LEAST : Math.max(0, score) + LEAST;
    }

    private static double agreement(Candidates all, int[] rows) {
        Map<Integer, Double> best = new TreeMap<>();
        for (int row : rows) {
            if (!Double.isNaN(all.score()[row])) {
                best.merge(all.trial()[row], all.score()[row], Math::max);
            }
        }
        return best.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static double[] sum(double[] unit, int[] rows, int d, IntToDoubleFunction weight) {
        double[] sum = new double[d];
        for (int row : rows) {
            double w = weight.applyAsDouble(row);
            for (int k = 0; k < d; k++) {
                sum[k] += w * unit[row * d + k];
            }
        }
        return sum;
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
