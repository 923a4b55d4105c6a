package dev.palimpsest.reconstruct.attack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Ridge regression of the balanced rows on chosen patterns, kept up to date while patterns are exchanged: {@code M = G^-1 S Y}, {@code G =
 * S S^T + ridge}. For every pattern p of the pool it holds what the chosen ones leave of it: {@code u_p = G^-1 S p [n]}, the
 * remainder {@code |p|^2 + ridge - p^T S^T u_p}, and the rest {@code (p - S^T u_p)^T Y}. An exchange is two rank-one updates of all of these.
 */
final class PatternRegression {
    private static final double RIDGE = 1e-3;
    /** A pattern of which the chosen ones leave less than this share adds nothing. */
    private static final double SPENT = .02;

    private final GatePatterns pool;
    /** {@code [K][q]}: Y in coordinates of its row space, and its bias column at the end. */
    private final double[][] y;

    private final double[] sign;
    private final double[][] explained;
    private final double ridge;
    private final int rank;

    private int[] chosen = {};
    private double[][] inverse = {};
    private double[][] m = {};
    private double[][] z = {};
    private final double[][] u;
    private final double[] remainder;
    private final double[][] rest;

    PatternRegression(GateSpace space, GatePatterns pool) {
        this.pool = pool;
        this.rank = space.rank();
        this.sign = space.signs();
        this.y = space.targetWithBias();
        int n = pool.size();
        this.explained = new double[n][];
        double open = 0;
        for (int p = 0; p < n; p++) {
            explained[p] = sum(pool.bits(p));
            open += GatePatterns.open(pool.bits(p));
        }
        this.ridge = RIDGE * open / Math.max(1, n);
        this.u = new double[n][];
        this.remainder = new double[n];
        this.rest = new double[n][];
    }

    private double[] sum(long[] pattern) {
        double[] sum = new double[rank + 1];
        for (int k = 0; k < y.length; k++) {
            if (((pattern[k >> 6] >>> k) & 1) != 0) {
                add(sum, 1, y[k]);
            }
        }
        return sum;
    }

    private static void add(double[] a, double factor, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    /** The patterns now, indices into the pool. */
    int[] chosen() {
        return chosen;
    }

    /** Activations of member j at every neuron times its bias coordinate, {@code [K]}. */
    double[] activations(int j) {
        return z[j];
    }

    /** Bias coordinate of m_j: {@code lambda_j y_j}. */
    double bias(int j) {
        return m[j][rank];
    }

    /** Starts anew from these patterns; also clears the rounding errors of many exchanges. */
    void reset(int[] patterns) {
        chosen = patterns.clone();
        int n = chosen.length;
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                gram.set(i, j, common(chosen[i], chosen[j]) + (i == j ? ridge : 0));
            }
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(n);
        DMatrixRMaj inverted = new DMatrixRMaj(n, n);
        if (!solver.setA(gram)) {
            throw new IllegalStateException("The Gram matrix of " + n + " patterns is not positive definite");
        }
        solver.invert(inverted);
        inverse = new double[n][];
        for (int i = 0; i < n; i++) {
            inverse[i] = Arrays.copyOfRange(inverted.data, i * n, (i + 1) * n);
        }
        m = new double[n][rank + 1];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                add(m[i], inverse[i][j], explained[chosen[j]]);
            }
        }
        z = new double[n][];
        Arrays.setAll(z, i -> activations(m[i]));
        DMatrixRMaj shared = new DMatrixRMaj(pool.size(), n);
        for (int p = 0; p < pool.size(); p++) {
            for (int j = 0; j < n; j++) {
                shared.data[p * n + j] = common(p, chosen[j]);
            }
        }
        DMatrixRMaj weights = new DMatrixRMaj(pool.size(), n);
        CommonOps_DDRM.mult(shared, inverted, weights);
        DMatrixRMaj fitted = new DMatrixRMaj(pool.size(), rank + 1);
        CommonOps_DDRM.mult(shared, new DMatrixRMaj(m), fitted);
        for (int p = 0; p < pool.size(); p++) {
            u[p] = Arrays.copyOfRange(weights.data, p * n, (p + 1) * n);
            double inside = 0;
            for (int j = 0; j < n; j++) {
                inside += u[p][j] * shared.data[p * n + j];
            }
            remainder[p] = GatePatterns.open(pool.bits(p)) + ridge - inside;
            rest[p] = explained[p].clone();
            for (int c = 0; c <= rank; c++) {
                rest[p][c] -= fitted.data[p * (rank + 1) + c];
            }
        }
    }

    private int common(int p, int q) {
        return GatePatterns.common(pool.bits(p), pool.bits(q));
    }

    private double[] activations(double[] row) {
        double[] activations = new double[y.length];
        for (int k = 0; k < y.length; k++) {
            double sum = 0;
            for (int c = 0; c < rank; c++) {
                sum += row[c] * y[k][c];
            }
            activations[k] = sum * sign[k];
        }
        return activations;
    }

    /** The regression without the pattern of one slot, whose own rows hold nothing of use. */
    Without without(int slot) {
        int n = chosen.length;
        double own = inverse[slot][slot];
        double[][] zs = new double[n][];
        double[] bias = new double[n];
        for (int j = 0; j < n; j++) {
            double share = inverse[j][slot] / own;
            zs[j] = z[j].clone();
            add(zs[j], -share, z[slot]);
            bias[j] = m[j][rank] - share * m[slot][rank];
        }
        return new Without(slot, zs, bias);
    }

    /** Puts pattern p in the place of the one in the slot. */
    void exchange(int slot, int p) {
        int n = chosen.length;
        double own = inverse[slot][slot];
        double[] row = inverse[slot].clone();
        double[] leaving = m[slot].clone();
        for (int a = 0; a < pool.size(); a++) {
            double share = u[a][slot] / own;
            remainder[a] += u[a][slot] * share;
            add(rest[a], share, leaving);
            add(u[a], -share, row);
            u[a][slot] = 0;
        }
        for (int j = 0; j < n; j++) {
            if (j != slot) {
                double share = row[j] / own;
                add(m[j], -share, leaving);
                add(inverse[j], -share, row);
            }
        }
        Arrays.fill(inverse[slot], 0);
        for (int j = 0; j < n; j++) {
            inverse[j][slot] = 0;
        }
        double[] entering = u[p].clone();
        double left = remainder[p];
        double[] gained = rest[p].clone();
        for (int j = 0; j < n; j++) {
            add(m[j], -entering[j] / left, gained);
            add(inverse[j], entering[j] / left, entering);
            inverse[j][slot] = -entering[j] / left;
        }
        double[] last = new double[n];
        Arrays.setAll(last, j -> -entering[j] / left);
        last[slot] = 1 / left;
        inverse[slot] = last;
        m[slot] = gained.clone();
        for (int c = 0; c <= rank; c++) {
            m[slot][c] /= left;
        }
        double[] before = new double[n];
        for (int j = 0; j < n; j++) {
            before[j] = j == slot ? 0 : common(chosen[j], p);
        }
        for (int a = 0; a < pool.size(); a++) {
            double along = common(a, p);
            for (int j = 0; j < n; j++) {
                along -= before[j] * u[a][j];
            }
            double share = along / left;
            remainder[a] -= along * share;
            add(rest[a], -share, gained);
            add(u[a], -share, entering);
            u[a][slot] = share;
        }
        chosen[slot] = p;
        Arrays.setAll(z, j -> activations(m[j]));
    }

    /** A member that a further pattern would bring, and by how much each of the others would lose it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Added(double[] z, double bias, double[] u) {}

    /** See {@link #without}. */
    final class Without {
        private final int slot;
        private final double[][] z;
        private final double[] bias;

        private Without(int slot, double[][] z, double[] bias) {
            this.slot = slot;
            this.z = z;
            this.bias = bias;
        }

        /** Activations of the others, {@code [n][K]}. */
        double[][] z() {
            return z;
        }

        /** Bias coordinates of the others, {@code [n]}. */
        double[] bias() {
            return bias;
        }

        /** The patterns that explain most of what is left, best first, at most {@code most}; none below a share of the best. */
        int[] replacements(int most, double worth) {
            double own = inverse[slot][slot];
            double[] leaving = m[slot];
            double size = dot(leaving, leaving);
            double[] gain = new double[pool.size()];
            for (int p = 0; p < gain.length; p++) {
                double left = remainder(p);
                if (p != chosen[slot] && left > SPENT * GatePatterns.open(pool.bits(p))) {
                    double share = u[p][slot] / own;
                    gain[p] = (dot(rest[p], rest[p]) + 2 * share * dot(rest[p], leaving) + share * share * size) / left;
                }
            }
            double best = Arrays.stream(gain).max().orElse(0);
            return IntStream.range(0, gain.length)
                    .filter(p -> gain[p] > worth * best)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer p) -> -gain[p]))
                    .limit(most)
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        private double remainder(int p) {
            return remainder[p] + u[p][slot] * u[p][slot] / inverse[slot][slot];
        }

        private double dot(double[] a, double[] b) {
            double sum = 0;
            for (int c = 0; c < rank; c++) {
                sum += a[c] * b[c];
            }
            return sum;
        }

        Added add(int p) {
            double left = remainder(p);
            double share = u[p][slot] / inverse[slot][slot];
            double[] row = rest[p].clone();
            PatternRegression.add(row, share, m[slot]);
            for (int c = 0; c < row.length; c++) {
                row[c] /= left;
            }
            double[] weights = u[p].clone();
            PatternRegression.add(weights, -share, inverse[slot]);
            return new Added(activations(row), row[rank], weights);
        }
    }
}
