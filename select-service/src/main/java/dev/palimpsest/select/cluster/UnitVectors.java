package dev.palimpsest.select.cluster;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;

/** Checks a matrix of points once, at the border, and scales its rows to length one. */
public final class UnitVectors {
    private UnitVectors() {}

    /**
     * Rows scaled to length one, in float64.
     *
     * @param points {@code [n, d]} row-major; {@code n} may be 0
     * @param what name of the points in error messages, such as "members"
     * @return a new array {@code [n, d]}
     * @throws PalimpsestException SHAPE_MISMATCH when the array is not {@code n * d} long, NOT_FINITE for a row with NaN
     *     or infinity, BAD_DATA for a row of zeros, which has no direction
     */
    public static double[] of(float[] points, int n, int d, String what) {
        double[] lengths = lengths(points, n, d, what);
        double[] unit = new double[points.length];
        for (int i = 0; i < n; i++) {
            for (int k = i * d; k < (i + 1) * d; k++) {
                unit[k] = points[k] / lengths[i];
            }
        }
        return unit;
    }

    /**
     * What the rows have to be divided by.
     *
     * @return {@code [n]}, none of them 0
     * @throws PalimpsestException as {@link #of}
     */
    static double[] lengths(float[] points, int n, int d, String what) {
        requireShape(points, n, d, what);
        double[] lengths = new double[n];
        for (int i = 0; i < n; i++) {
            double norm = norm(points, i, d);
            if (!Double.isFinite(norm)) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        "%s: row %d of %d holds NaN or infinity, finite numbers are needed; drop this row"
                                .formatted(what, i, n));
            }
            if (norm == 0) {
                throw new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        "%s: row %d of %d is all zeros and has no direction to compare; drop this row"
                                .formatted(what, i, n));
            }
            lengths[i] = norm;
        }
        return lengths;
    }

    /** Euclidean length of one row, in float64; NaN or infinite when the row holds such a number. */
    static double norm(float[] points, int row, int d) {
        double sum = 0;
        for (int k = row * d; k < (row + 1) * d; k++) {
            sum += (double) points[k] * points[k];
        }
        return Math.sqrt(sum);
    }

    static void requireShape(float[] points, int n, int d, String what) {
        if (n < 0 || d < 1 || (long) n * d != points.length) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "%s: expected a matrix [%d, %d] of %d numbers with at least one column, found %d numbers"
                            .formatted(what, n, d, (long) n * d, points.length));
        }
    }

    static void requireLength(int found, int n, String what) {
        if (found != n) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH, "%s: expected %d, one per candidate, found %d".formatted(what, n, found));
        }
    }
}
