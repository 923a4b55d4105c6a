package dev.palimpsest.reconstruct.attack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The leading part of a singular value decomposition {@code a = left diag(s) right}, by the symmetric eigenvalues of the smaller Gram
 * matrix: squares the condition number, which is harmless for cuts far above 1e-8.
 *
 * @param left {@code [rows, r]}, orthonormal columns
 * @param s {@code [r]}, falling
 * @param right {@code [r, columns]}, orthonormal rows
 * @param all every singular value, falling; those far below 1e-8 of the first are rounding
 */
@SuppressWarnings("ArrayRecordComponent") // matrices, compared by nobody
record Spectrum(DMatrixRMaj left, double[] s, DMatrixRMaj right, double[] all) {

    /** Keeps the singular values above {@code cut} times the first; none for a zero matrix. */
    static Spectrum of(DMatrixRMaj a, double cut) {
        boolean wide = a.numRows <= a.numCols;
        int size = Math.min(a.numRows, a.numCols);
        DMatrixRMaj gram = new DMatrixRMaj(size, size);
        if (wide) {
            CommonOps_DDRM.multTransB(a, a, gram);
        } else {
            CommonOps_DDRM.multTransA(a, a, gram);
        }
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(size, true, true);
        if (!eigen.decompose(gram)) {
            throw new IllegalStateException("The eigenvalues of a " + size + " x " + size + " matrix did not converge");
        }
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).real))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] values = IntStream.of(order)
                .mapToDouble(i -> Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real)))
                .toArray();
        int r = 0;
        while (r < size && values[r] > cut * values[0] && values[r] > 0) {
            r++;
        }
        DMatrixRMaj vectors = new DMatrixRMaj(size, r);
        for (int j = 0; j < r; j++) {
            DMatrixRMaj vector = eigen.getEigenVector(order[j]);
            for (int i = 0; i < size; i++) {
                vectors.set(i, j, vector.get(i, 0));
            }
        }
        double[] s = Arrays.copyOf(values, r);
        return wide
                ? new Spectrum(vectors, s, rightOf(a, vectors, s), values)
                : new Spectrum(leftOf(a, vectors, s), s, transposed(vectors), values);
    }

    private static DMatrixRMaj rightOf(DMatrixRMaj a, DMatrixRMaj left, double[] s) {
        DMatrixRMaj right = new DMatrixRMaj(s.length, a.numCols);
        CommonOps_DDRM.multTransA(left, a, right);
        for (int i = 0; i < s.length; i++) {
            for (int j = 0; j < a.numCols; j++) {
                right.set(i, j, right.get(i, j) / s[i]);
            }
        }
        return right;
    }

    private static DMatrixRMaj leftOf(DMatrixRMaj a, DMatrixRMaj vectors, double[] s) {
        DMatrixRMaj left = new DMatrixRMaj(a.numRows, s.length);
        CommonOps_DDRM.mult(a, vectors, left);
        for (int i = 0; i < a.numRows; i++) {
            for (int j = 0; j < s.length; j++) {
                left.set(i, j, left.get(i, j) / s[j]);
            }
        }
        return left;
    }

    private static DMatrixRMaj transposed(DMatrixRMaj vectors) {
        return CommonOps_DDRM.transpose(vectors, null);
    }

    int rank() {
        return s.length;
    }

    /** The part of this above a higher cut. */
    Spectrum above(double cut) {
        int r = 0;
        while (r < s.length && s[r] > cut * s[0]) {
            r++;
        }
        return new Spectrum(
                CommonOps_DDRM.extract(left, 0, left.numRows, 0, r),
                Arrays.copyOf(s, r),
                CommonOps_DDRM.extract(right, 0, r, 0, right.numCols),
                all);
    }
}
