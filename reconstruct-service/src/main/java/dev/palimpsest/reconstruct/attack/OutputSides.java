package dev.palimpsest.reconstruct.attack;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The output side e that suits a gate pattern best: that for which {@code s_k (v_k . e)} is nearest to the column space, relative to its
 * length. A generalised eigenvalue problem in c dimensions, c one less than the outputs.
 */
final class OutputSides {
    private final GateSpace space;
    private final int c;

    OutputSides(GateSpace space) {
        this.space = space;
        this.c = space.sides()[0].length;
    }

    /** {@code [n][c]} for n patterns; ones for a head with one output. */
    double[][] nearest(List<long[]> patterns) {
        double[][] nearest = new double[patterns.size()][];
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = c == 1 ? new double[] {1} : nearest(patterns.get(i));
        }
        return nearest;
    }

    private double[] nearest(long[] pattern) {
        DMatrixRMaj inside = new DMatrixRMaj(space.rank(), c);
        DMatrixRMaj gram = new DMatrixRMaj(c, c);
        double[] basis = space.columnBasis().data;
        for (int k = 0; k < space.neurons(); k++) {
            if (!Gates.open(pattern, k)) {
                continue;
            }
            double[] side = space.sides()[k];
            for (int row = 0; row < space.rank(); row++) {
                double factor = basis[k * space.rank() + row];
                for (int col = 0; col < c; col++) {
                    inside.data[row * c + col] += factor * side[col];
                }
            }
            for (int row = 0; row < c; row++) {
                for (int col = 0; col < c; col++) {
                    gram.data[row * c + col] += side[row] * side[col];
                }
            }
        }
        double ridge = 1e-4 * CommonOps_DDRM.trace(gram) / c + 1e-9;
        for (int i = 0; i < c; i++) {
            gram.add(i, i, ridge);
        }
        DMatrixRMaj outside = gram.copy();
        CommonOps_DDRM.multAddTransA(-1, inside, inside, outside);
        return smallest(outside, gram);
    }

    /** The vector x with the smallest {@code x^T a x / x^T b x}. */
    private double[] smallest(DMatrixRMaj a, DMatrixRMaj b) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(c, true);
        if (!cholesky.decompose(b.copy())) {
            throw new IllegalStateException(
                    "The output columns of the open neurons have no positive definite Gram matrix");
        }
        DMatrixRMaj inverse = new DMatrixRMaj(c, c);
        CommonOps_DDRM.invert(cholesky.getT(null), inverse);
        DMatrixRMaj half = new DMatrixRMaj(c, c);
        CommonOps_DDRM.mult(inverse, a, half);
        DMatrixRMaj whitened = new DMatrixRMaj(c, c);
        CommonOps_DDRM.multTransB(half, inverse, whitened);
        DMatrixRMaj symmetric = new DMatrixRMaj(c, c);
        for (int i = 0; i < c; i++) {
            for (int j = 0; j < c; j++) {
                symmetric.set(i, j, (whitened.get(i, j) + whitened.get(j, i)) / 2);
            }
        }
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(c, true, true);
        if (!eigen.decompose(symmetric)) {
            throw new IllegalStateException("The eigenvalues of a " + c + " x " + c + " matrix did not converge");
        }
        int best = 0;
        for (int i = 1; i < c; i++) {
            best = eigen.getEigenvalue(i).real < eigen.getEigenvalue(best).real ? i : best;
        }
        DMatrixRMaj side = new DMatrixRMaj(c, 1);
        CommonOps_DDRM.multTransA(inverse, eigen.getEigenVector(best), side);
        return side.data;
    }
}
