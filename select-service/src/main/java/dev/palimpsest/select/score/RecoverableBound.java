package dev.palimpsest.select.score;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The most that any attack confined to the row space of W can recover of a point: {@code ||P x|| / ||x||}, P the projector on the
 * right singular vectors of W whose singular value is above {@value #CUT} of the first. At stationarity the rows of W lie in
 * the span of the members, so the directions that are missing there are gone.
 */
public final class RecoverableBound {
    /** Singular values below this share of the first are what is left of the initialisation. */
    public static final double CUT = 1e-3;

    private RecoverableBound() {}

    /** Likewise, for points in float32. */
    public static double[] of(double[] w, int d, float[] points) {
        double[] wide = new double[points.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = points[i];
        }
        return of(w, d, wide);
    }

    /**
     * With {@code W W^T = U S^2 U^T}: {@code ||P x||^2 = sum_k (u_k . W x / s_k)^2}.
     *
     * @param w {@code [h, d]} row-major
     * @param points {@code [n, d]} row-major, in the space that the head saw
     * @return {@code [n]}, each 0 to 1
     */
    public static double[] of(double[] w, int d, double[] points) {
        int h = w.length / d;
        int n = points.length / d;
        DMatrixRMaj weights = DMatrixRMaj.wrap(h, d, w);
        DMatrixRMaj gram = new DMatrixRMaj(h, h);
        CommonOps_DDRM.multTransB(weights, weights, gram);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(h, true, true);
        if (!eigen.decompose(gram)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FINITE,
                    "The first layer's singular values cannot be computed; are its weights finite?");
        }
        double first = 0;
        for (int k = 0; k < h; k++) {
            first = Math.max(first, eigen.getEigenvalue(k).getReal());
        }
        DMatrixRMaj outputs = new DMatrixRMaj(n, h);
        CommonOps_DDRM.multTransB(DMatrixRMaj.wrap(n, d, points), weights, outputs);
        double[] inside = new double[n];
        for (int k = 0; k < h; k++) {
            double squared = eigen.getEigenvalue(k).getReal();
            if (squared > CUT * CUT * first) {
                DMatrixRMaj vector = eigen.getEigenVector(k);
                for (int i = 0; i < n; i++) {
                    double dot = 0;
                    for (int j = 0; j < h; j++) {
                        dot += vector.get(j) * outputs.get(i, j);
                    }
                    inside[i] += dot * dot / squared;
                }
            }
        }
        double[] bound = new double[n];
        for (int i = 0; i < n; i++) {
            double length = 0;
            for (int j = 0; j < d; j++) {
                length += points[i * d + j] * points[i * d + j];
            }
            bound[i] = Math.min(1, Math.sqrt(inside[i] / Math.max(length, Double.MIN_NORMAL)));
        }
        return bound;
    }
}
