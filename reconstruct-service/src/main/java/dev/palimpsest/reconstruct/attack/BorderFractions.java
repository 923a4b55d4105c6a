package dev.palimpsest.reconstruct.attack;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Members together with the fractions of their border gates, for one output: the least
 *
 * <pre>|Y - T^T M|^2 + rho |M|^2,      t_jk in [0, 1] where member j may border on neuron k, else its gate, 0 or 1</pre>
 *
 * by turns over M, in closed form, and over each member's free fractions. {@link GateFit} looks at one pattern at a time and so sees a quarter of
 * its border gates: most are open a tenth or a third of the time, which one column in a space as wide as the members are many can hide. All
 * members at once are held to far more equations. From the true gates and borders of food2, with no fraction known, least squares goes from
 * 66 / 47 / 37 to 83 / 78 / 73 members.
 *
 * <p>A gate is free where its fit was a fraction, where the member itself is near the neuron's border, or where it lies beyond it. That is some 15 % of
 * all, of which a third are borders indeed; the others settle at 0 or 1 by themselves.
 */
final class BorderFractions {
    private static final int STEPS = 60;
    /** After so many steps the free gates are chosen anew. */
    private static final int LOOK = 5;
    /** Passes over the fractions in a step. */
    private static final int SWEEPS = 2;
    /** rho over the mean eigenvalue of T T^T. */
    private static final double RIDGE = 1e-3;
    /** A fit this far from its gate is a fraction. */
    private static final double APART = .05;
    /** A neuron is near where the member's distance from its border is below this part of the median over the neurons. */
    private static final double NEAR = .4;

    /** Of all K dimensions, those that Y has at most: with more, too few equations are left for the fractions (n = 500: nothing gained). */
    private static final double LARGEST_SHARE = 1 / 3.0;

    private final int rank;
    private final int neurons;
    private final DMatrixRMaj y;
    private final DMatrixRMaj activations;
    private final double[] length;

    /** @param space whose Y is to be explained; the more of its dimensions are kept, the better */
    BorderFractions(GateSpace space) {
        this.rank = space.rank();
        this.neurons = space.neurons();
        this.y = space.columnBasis().copy();
        CommonOps_DDRM.multCols(y, space.singularValues());
        this.activations = space.activationRows();
        this.length = new double[neurons];
        Arrays.setAll(length, k -> Math.max(1e-300, RowSpace.norm(activations.data, k * rank, rank)));
    }

    /** Whether there are equations enough. */
    static boolean takes(GateSpace space) {
        return space.sides()[0].length == 1 && space.rank() <= LARGEST_SHARE * space.neurons();
    }

    /**
     * @param gates {@code [n]} the members' patterns
     * @param fits {@code [n, K]} what {@link GateFit} made of them
     * @return M, {@code [n, rank]} in coordinates of the row space of Y
     */
    DMatrixRMaj settle(long[][] gates, DMatrixRMaj fits) {
        int n = gates.length;
        DMatrixRMaj t = new DMatrixRMaj(n, neurons);
        for (int j = 0; j < n; j++) {
            for (int k = 0; k < neurons; k++) {
                double fit = fits.get(j, k);
                double gate = gate(gates[j], k);
                t.set(j, k, fraction(fit, gate) ? Math.min(1, Math.max(0, fit)) : gate);
            }
        }
        int[][] free = new int[n][];
        DMatrixRMaj m = members(t);
        for (int step = 0; step < STEPS; step++) {
            if (step % LOOK == 0) {
                free = free(m, gates, fits, t);
            }
            move(t, m, free);
            m = members(t);
        }
        return m;
    }

    private static double gate(long[] gates, int k) {
        return Gates.open(gates, k) ? 1 : 0;
    }

    private static boolean fraction(double fit, double gate) {
        return Math.abs(fit - gate) > APART;
    }

    /** {@code M = (T T^T + rho)^-1 T Y}. */
    private DMatrixRMaj members(DMatrixRMaj t) {
        int n = t.numRows;
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransB(t, t, gram);
        double ridge = RIDGE * CommonOps_DDRM.trace(gram) / Math.max(1, n) + 1e-300;
        for (int j = 0; j < n; j++) {
            gram.add(j, j, ridge);
        }
        DMatrixRMaj right = new DMatrixRMaj(n, rank);
        CommonOps_DDRM.mult(t, y, right);
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(n);
        DMatrixRMaj m = new DMatrixRMaj(n, rank);
        if (!solver.setA(gram)) {
            throw new IllegalStateException("T T^T + rho is positive definite: rho " + ridge);
        }
        solver.solve(right, m);
        return m;
    }

    /** The free gates of each member; all others go back to what they are. */
    private int[][] free(DMatrixRMaj m, long[][] gates, DMatrixRMaj fits, DMatrixRMaj t) {
        int n = m.numRows;
        DMatrixRMaj z = new DMatrixRMaj(n, neurons);
        CommonOps_DDRM.multTransB(m, activations, z);
        int[][] free = new int[n][];
        double[] distance = new double[neurons];
        int[] found = new int[neurons];
        for (int j = 0; j < n; j++) {
            double[] row = Arrays.copyOfRange(z.data, j * neurons, (j + 1) * neurons);
            double sign = Gates.sign(gates[j], row);
            Arrays.setAll(distance, k -> Math.abs(row[k]) / length[k]);
            double near = NEAR * median(distance);
            int count = 0;
            for (int k = 0; k < neurons; k++) {
                double gate = gate(gates[j], k);
                boolean beyond = sign * row[k] > 0 != Gates.open(gates[j], k);
                if (fraction(fits.get(j, k), gate) || distance[k] < near || beyond) {
                    found[count++] = k;
                } else {
                    t.set(j, k, gate);
                }
            }
            free[j] = Arrays.copyOf(found, count);
        }
        return free;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Coordinate descent of the free fractions, one member after the other, between 0 and 1. */
    private void move(DMatrixRMaj t, DMatrixRMaj m, int[][] free) {
        DMatrixRMaj left = y.copy();
        CommonOps_DDRM.multAddTransA(-1, t, m, left);
        double[] r = left.data;
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int j = 0; j < free.length; j++) {
                int own = j * rank;
                double square = 1e-300;
                for (int c = 0; c < rank; c++) {
                    square += m.data[own + c] * m.data[own + c];
                }
                for (int k : free[j]) {
                    double along = 0;
                    for (int c = 0; c < rank; c++) {
                        along += r[k * rank + c] * m.data[own + c];
                    }
                    double before = t.get(j, k);
                    double now = Math.min(1, Math.max(0, before + along / square));
                    for (int c = 0; c < rank; c++) {
                        r[k * rank + c] -= (now - before) * m.data[own + c];
                    }
                    t.set(j, k, now);
                }
            }
        }
    }
}
