package dev.palimpsest.select.score;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores representatives against members, and against controls that the head never saw: what matching reaches by chance.
 *
 * <p>Deterministic, the bootstrap included.
 */
public final class Calibration {
    private Calibration() {}

    /**
     * Compares ranked representatives with members, with controls when there are any, and counts what was recoverable.
     *
     * @param representatives {@code [k, d]}; k may be 0
     * @param members {@code [n, d]}, n at least 1, in the same space
     * @param controls {@code [c, d]} or null; of more than n rows, n evenly spaced ones are used
     * @param bounds {@code [n]} recoverable cosine of each member, or null
     * @throws PalimpsestException BAD_DATA without members or with an empty matrix of controls; SHAPE_MISMATCH, NOT_FINITE, BAD_DATA as in
     *     {@link Matching#match}
     */
    public static Score score(
            float[] representatives,
            int k,
            float[] members,
            int n,
            float @Nullable [] controls,
            int c,
            int d,
            double @Nullable [] bounds) {
        if (n < 1) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "members: there are none to compare with; leave the file out");
        }
        Map<String, Integer> recoverable = bounds == null ? null : recoverable(bounds, n);
        Matching matching = Matching.match(members, n, representatives, k, d, "members");
        double[] cosines = matching.cosine();
        Map<String, Double> precision = precision(matching.nearestCosine());
        if (controls == null) {
            return new Score(
                    k,
                    n,
                    0,
                    Thresholds.countAbove(cosines),
                    matchedInterval(cosines),
                    median(cosines),
                    precision,
                    recoverable,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    list(cosines),
                    null);
        }
        if (c < 1) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "controls: there are none to calibrate with; leave the file out");
        }
        int used = Math.min(n, c);
        Matching chance = Matching.match(evenlySpaced(controls, c, d, used), used, representatives, k, d, "controls");
        double[] nulls = chance.cosine();
        return new Score(
                k,
                n,
                used,
                Thresholds.countAbove(cosines),
                matchedInterval(cosines),
                median(cosines),
                precision,
                recoverable,
                Thresholds.countAbove(nulls),
                Arrays.stream(chance.nearestCosine()).max().orElse(-1),
                Discrimination.tprAt(0.01, cosines, nulls),
                Discrimination.tprAt(0.05, cosines, nulls),
                Discrimination.auc(cosines, nulls),
                Bootstrap.interval(cosines, nulls, (m, q) -> Discrimination.tprAt(0.01, m, q)),
                Bootstrap.interval(cosines, nulls, Discrimination::auc),
                list(cosines),
                list(nulls));
    }

    /**
     * Rows {@code floor(i (c - 1) / (used - 1))}: controls are often sorted by class, so the first ones would not be like the members.
     *
     * @param used at most {@code c}
     * @return {@code [used, d]}
     */
    static float[] evenlySpaced(float[] controls, int c, int d, int used) {
        if (used == c) {
            return controls;
        }
        if ((long) c * d != controls.length) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "controls: expected a matrix [%d, %d] as wide as the members, found %d numbers"
                            .formatted(c, d, controls.length));
        }
        float[] chosen = new float[used * d];
        for (int i = 0; i < used; i++) {
            int row = used == 1 ? 0 : (int) ((long) i * (c - 1) / (used - 1));
            System.arraycopy(controls, row * d, chosen, i * d, d);
        }
        return chosen;
    }

    private static Map<String, Double> precision(double[] nearest) {
        Map<String, Double> precision = new LinkedHashMap<>();
        for (int k : new int[] {10, 20, 40}) {
            if (k <= nearest.length) {
                long right = Arrays.stream(nearest, 0, k).filter(c -> c > .9).count();
                precision.put(Integer.toString(k), right / (double) k);
            }
        }
        return precision;
    }

    private static Map<String, Integer> recoverable(double[] bounds, int n) {
        if (bounds.length != n) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "bounds: expected %d, one per member, found %d".formatted(n, bounds.length));
        }
        return Thresholds.countAbove(bounds);
    }

    private static Map<String, Interval> matchedInterval(double[] cosines) {
        Map<String, Interval> intervals = new LinkedHashMap<>();
        for (String threshold : Thresholds.ALL) {
            double t = Double.parseDouble(threshold);
            intervals.put(
                    threshold,
                    Bootstrap.interval(
                            cosines,
                            new double[0],
                            (m, none) -> Arrays.stream(m).filter(x -> x > t).count()));
        }
        return intervals;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
