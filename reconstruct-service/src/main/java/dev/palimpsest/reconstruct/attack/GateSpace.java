package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * What gate pursuit knows of a head with one output: {@code Y = diag(1/v) [W, b] = S^T M}, rows balanced and signed, where column j of
 * {@code S^T} is the almost binary gate vector of member j and row j of M is {@code lambda_j y_j [x_j, 1]}. Y keeps all d
 * dimensions: dividing by small output weights lifts directions that the first layer as a whole hides. Points of the search are in row-space
 * coordinates; neurons are the K living ones.
 */
final class GateSpace {
    private static final double CUT = 3e-3;
    /** Length of a starting point over sqrt(d): z-scored members are a little shorter than sqrt(d) inside the row space. */
    private static final double LENGTH = .8;

    private final int r;
    private final int neurons;
    private final double[][] balanced;
    private final double[] w;
    private final double[] b;
    private final double[] signs;
    private final DMatrixRMaj y;
    private final Spectrum columns;
    private final double length;
    private final double width;

    GateSpace(Head head, RowSpace space) {
        BalancedNeurons living = BalancedNeurons.of(head, space);
        r = space.rank();
        neurons = living.count();
        balanced = living.rows();
        double[] all = new ReducedHead(head, space).w();
        signs = Arrays.stream(living.side()).mapToDouble(side -> side[0]).toArray();
        w = new double[neurons * r];
        b = new double[neurons];
        int d = head.inputs();
        y = new DMatrixRMaj(neurons, d + 1);
        for (int k = 0; k < neurons; k++) {
            System.arraycopy(all, living.index()[k] * r, w, k * r, r);
            b[k] = head.b()[living.index()[k]];
            double v = head.v()[living.index()[k]];
            for (int c = 0; c < d; c++) {
                y.set(k, c, head.w()[living.index()[k] * d + c] / v);
            }
            y.set(k, d, b[k] / v);
        }
        columns = Spectrum.of(y, CUT);
        length = LENGTH * Math.sqrt(head.inputs());
        width = typicalActivation();
    }

    private double typicalActivation() {
        SplittableRandom random = new SplittableRandom(0);
        double[] sizes = new double[500 * neurons];
        for (int i = 0; i < 500; i++) {
            double[] z = activations(randomPoint(random));
            for (int k = 0; k < neurons; k++) {
                sizes[i * neurons + k] = Math.abs(z[k]);
            }
        }
        Arrays.sort(sizes);
        return sizes[sizes.length / 2];
    }

    /** Dimension of the row space, {@code u [r]}. */
    int r() {
        return r;
    }

    /** Number K of living neurons. */
    int neurons() {
        return neurons;
    }

    /** Dimension of the column space of Y. */
    int rank() {
        return columns.rank();
    }

    /** Orthonormal basis of the column space, {@code [K, rank]}. */
    DMatrixRMaj columnBasis() {
        return columns.left();
    }

    /** Y in coordinates of its row space, {@code [K, rank]}. */
    double[][] target() {
        double[][] target = new double[neurons][rank()];
        for (int k = 0; k < neurons; k++) {
            for (int c = 0; c < rank(); c++) {
                target[k][c] = columns.left().get(k, c) * columns.s()[c];
            }
        }
        return target;
    }

    /** {@link #target} with the bias coordinate of each balanced row as one more column, {@code [K, rank + 1]}. */
    double[][] targetWithBias() {
        double[][] target = target();
        for (int k = 0; k < neurons; k++) {
            target[k] = Arrays.copyOf(target[k], rank() + 1);
            target[k][rank()] = y.get(k, y.numCols - 1);
        }
        return target;
    }

    /** Signs of the output weights, {@code [K]}: a neuron is open where its balanced row times this is positive. */
    double[] signs() {
        return signs;
    }

    /** First layer of the living neurons, {@code [K, r]} row by row. */
    double[] w() {
        return w;
    }

    /** First bias of the living neurons, {@code [K]}. */
    double[] b() {
        return b;
    }

    /** Balanced rows, {@code [K, r + 1]}. */
    double[][] balanced() {
        return balanced;
    }

    /** The length of starting points. */
    double length() {
        return length;
    }

    /** Median size of a pre-activation of a point of that length. */
    double width() {
        return width;
    }

    double[] randomPoint(SplittableRandom random) {
        double[] u = new double[r];
        for (int c = 0; c < r; c++) {
            u[c] = random.nextGaussian();
        }
        return sized(u);
    }

    /** The point in the direction of u that has the length of a member. */
    double[] sized(double[] u) {
        double factor = length / Math.max(1e-9, RowSpace.norm(u, 0, u.length));
        return Arrays.stream(u).map(value -> value * factor).toArray();
    }

    private double[] activations(double[] u) {
        double[] z = b.clone();
        for (int k = 0, at = 0; k < neurons; k++) {
            for (int c = 0; c < r; c++, at++) {
                z[k] += w[at] * u[c];
            }
        }
        return z;
    }

    long[] gates(double[] u) {
        double[] z = activations(u);
        boolean[] open = new boolean[neurons];
        for (int k = 0; k < neurons; k++) {
            open[k] = z[k] > 0;
        }
        return GatePatterns.pack(open);
    }

    /** Distance of the pattern from the column space over its length without the constant part. */
    double misfit(long[] pattern) {
        int open = GatePatterns.open(pattern);
        double spread = open * (1 - open / (double) neurons);
        double inside = 0;
        double[] sums = new double[rank()];
        double[] basis = columns.left().data;
        for (int k = 0; k < neurons; k++) {
            if (((pattern[k >> 6] >>> k) & 1) != 0) {
                for (int c = 0, at = k * sums.length; c < sums.length; c++, at++) {
                    sums[c] += basis[at];
                }
            }
        }
        for (double sum : sums) {
            inside += sum * sum;
        }
        return Math.sqrt(Math.max(0, open - inside) / Math.max(1e-9, spread));
    }

    /**
     * Ridge regression of Y on patterns.
     *
     * @param ridge over the mean squared length of the patterns
     * @return {@code M [n, d + 1]} row by row
     */
    double[] solve(double[][] patterns, double ridge) {
        int n = patterns.length;
        DMatrixRMaj t = new DMatrixRMaj(patterns);
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransB(t, t, gram);
        double shift = ridge * CommonOps_DDRM.trace(gram) / n;
        for (int i = 0; i < n; i++) {
            gram.add(i, i, shift);
        }
        DMatrixRMaj right = new DMatrixRMaj(n, y.numCols);
        CommonOps_DDRM.mult(t, y, right);
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(n);
        if (!solver.setA(gram)) {
            throw new IllegalStateException("The ridge regression of " + n + " patterns is not positive definite");
        }
        DMatrixRMaj m = new DMatrixRMaj(n, y.numCols);
        solver.solve(right, m);
        return m.data;
    }
}
