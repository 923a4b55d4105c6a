package dev.palimpsest.select.cluster;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Candidates of all trials, one per row, in columns.
 *
 * @param n number of candidates
 * @param d dimension
 * @param x {@code [n, d]} row-major, in the space that the head saw
 * @param trial {@code [n]} the independent run that each came from; agreement counts between distinct trials only
 * @param multiplier {@code [n]} lambda; its absolute value is used
 * @param label {@code [n]} index of the class
 * @param score {@code [n]} the method's own confidence, larger is better and comparable over all candidates; NaN where the method
 *     has none, as the optimiser, whose evidence is agreement
 */
public record Candidates(int n, int d, float[] x, int[] trial, double[] multiplier, int[] label, double[] score) {

    /**
     * Throws SHAPE_MISMATCH when the columns differ in length.
     */
    public Candidates {
        UnitVectors.requireShape(x, n, d, "candidates");
        UnitVectors.requireLength(trial.length, n, "trials");
        UnitVectors.requireLength(multiplier.length, n, "multipliers");
        UnitVectors.requireLength(label.length, n, "labels");
        UnitVectors.requireLength(score.length, n, "scores");
    }

    /**
     * Without the rows that no direction can be read from: NaN, infinity or all zeros, as diverged trials leave them. The caller
     * compares {@link #n} to say how many went.
     */
    public Candidates usable() {
        int[] rows = IntStream.range(0, n)
                .filter(i -> {
                    double norm = UnitVectors.norm(x, i, d);
                    return Double.isFinite(norm) && norm > 0 && Double.isFinite(multiplier[i]);
                })
                .toArray();
        float[] kept = new float[rows.length * d];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(x, rows[r] * d, kept, r * d, d);
        }
        return new Candidates(
                rows.length,
                d,
                kept,
                Arrays.stream(rows).map(i -> trial[i]).toArray(),
                Arrays.stream(rows).mapToDouble(i -> multiplier[i]).toArray(),
                Arrays.stream(rows).map(i -> label[i]).toArray(),
                Arrays.stream(rows).mapToDouble(i -> score[i]).toArray());
    }

    /** All candidates of several methods or units, in order; all need the same dimension {@code d}. */
    public static Candidates concat(int d, Candidates... parts) {
        int n = Arrays.stream(parts).mapToInt(Candidates::n).sum();
        float[] x = new float[n * d];
        int at = 0;
        for (Candidates part : parts) {
            UnitVectors.requireShape(part.x, part.n, d, "candidates");
            System.arraycopy(part.x, 0, x, at, part.x.length);
            at += part.x.length;
        }
        return new Candidates(
                n,
                d,
                x,
                Arrays.stream(parts).flatMapToInt(p -> Arrays.stream(p.trial)).toArray(),
                Arrays.stream(parts)
                        .flatMapToDouble(p -> Arrays.stream(p.multiplier))
                        .toArray(),
                Arrays.stream(parts).flatMapToInt(p -> Arrays.stream(p.label)).toArray(),
                Arrays.stream(parts)
                        .flatMapToDouble(p -> Arrays.stream(p.score))
                        .toArray());
    }
}
