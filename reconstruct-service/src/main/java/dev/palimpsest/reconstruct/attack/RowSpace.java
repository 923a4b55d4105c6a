package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The space that the rows of the first layer span. At stationarity every row is a sum of members, so members are visible only in
 * here: at most to cosine {@code ||P x|| / ||x||}, P the projector ({@link #bound}). Coordinates are {@code u = q x}, {@code x = u q}.
 */
public final class RowSpace {
    /** Singular values below this share of the first are rounding and unfinished training rather than members. */
    public static final double CUT = 1e-3;

    private final DMatrixRMaj q;
    private final double[] values;

    private RowSpace(DMatrixRMaj q, double[] values) {
        this.q = q;
        this.values = values;
    }

    /**
     * Of a head's first layer, singular values above {@link #CUT}.
     *
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a head whose first layer is zero
     */
    public static RowSpace of(Head head) {
        return of(head, CUT);
    }

    /** Of a head's first layer, singular values above {@code cut} times the first. */
    public static RowSpace of(Head head, double cut) {
        int rows = head.layers().get(0).outputs();
        Spectrum spectrum = Spectrum.of(DMatrixRMaj.wrap(rows, head.inputs(), head.w()), cut);
        if (spectrum.rank() == 0) {
            throw new PalimpsestException(
                    ErrorCode.NOT_ATTACKABLE,
                    "The first layer of the head is zero: it holds nothing of its members. Check that the weights were exported"
                            + " after training.");
        }
        return new RowSpace(spectrum.right(), spectrum.all());
    }

    /** The dimension r. */
    public int rank() {
        return q.numRows;
    }

    /** All singular values of the first layer, falling, {@code [min(h, d)]}. */
    double[] singularValues() {
        return values;
    }

    /** The basis, {@code [r, d]} row by row, orthonormal. */
    public double[] basis() {
        return q.data;
    }

    /**
     * The largest cosine that any attack confined to this space can reach.
     *
     * @param points {@code [n, d]} row by row, normalised
     * @return {@code [n]}; 0 for a zero point
     */
    public double[] bound(double[] points, int n) {
        double[] u = coordinates(points, n);
        double[] bound = new double[n];
        for (int i = 0; i < n; i++) {
            double length = norm(points, i * q.numCols, q.numCols);
            bound[i] = length == 0 ? 0 : norm(u, i * q.numRows, q.numRows) / length;
        }
        return bound;
    }

    /** {@code [n, d]} to {@code [n, r]}. */
    double[] coordinates(double[] points, int n) {
        DMatrixRMaj u = new DMatrixRMaj(n, q.numRows);
        CommonOps_DDRM.multTransB(DMatrixRMaj.wrap(n, q.numCols, points), q, u);
        return u.data;
    }

    /** {@code [n, r]} to {@code [n, d]}. */
    float[] lift(double[] u, int n) {
        DMatrixRMaj x = new DMatrixRMaj(n, q.numCols);
        CommonOps_DDRM.mult(DMatrixRMaj.wrap(n, q.numRows, u), q, x);
        float[] floats = new float[x.data.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) x.data[i];
        }
        return floats;
    }

    static double norm(double[] a, int from, int length) {
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += a[i] * a[i];
        }
        return Math.sqrt(sum);
    }
}
