package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Which patterns of a pool are members, and what those members are: of all {@code Y = sum_j t_j m_j^T} over the pool, the one with the
 * least {@code sum_j omega_j |m_j|^p}.
 *
 * <p>Any set of independent patterns as large as the rank reproduces Y, so that fitting it well says nothing; and beside each true
 * pattern lie others, {@code t_i + t_a - t_b} for members a and b with nearly the same gates. Put in the place of t_i, such a
 * pattern leaves m_i right but turns m_a and m_b into {@code m_a - m_i} and {@code m_b + m_i}, which are longer: the true members are the shortest explanation.
 * For p = 1 that is a convex problem (the group lasso); p falls to .7, by iterated reweighting. The weight
 * omega_j grows where the pattern fits the column space badly and where m_j does not have the gates of its pattern.
 *
 * <p>A step over N patterns costs {@code N rank^2}; patterns that have lost their weight are left out of the later ones.
 */
final class SparseMembers {
    private static final int STEPS = 60;
    private static final double LAST_POWER = .7;
    /** Steps before the gates of the solution count. */
    private static final int PLAIN = 15;
    /** Then they are looked at every so many steps. */
    private static final int LOOK = 3;
    /** A violation of this size doubles a pattern's weight. */
    private static final double VIOLATION = .03;

    private static final double WORST = 20;
    /** Members shorter than this part of the longest are none. */
    private static final double SHORT = 1e-3;
    /** What a member must have of the longest to be reported. */
    private static final double REPORTED = 1e-2;

    private final GateSpace space;
    private final GatePool pool;
    private final double fitWeight;
    private final double noise;
    private final Device device;
    private final Consistency consistency;

    /**
     * @param fitWeight how much a pattern's misfit adds to its weight omega; 10 to 30
     * @param noise in Y, over the mean eigenvalue of the weighted patterns; 1e-3 to 3e-3
     */
    SparseMembers(GateSpace space, GatePool pool, double fitWeight, double noise, Device device) {
        this.device = device;
        this.consistency = new Consistency(space, device);
        this.space = space;
        this.pool = pool;
        this.fitWeight = fitWeight;
        this.noise = noise;
    }

    /**
     * @param index {@code [n]} patterns in the pool
     * @param m {@code [n, rank]} in coordinates of the row space of Y, of the sign that agrees with the gates
     * @param gates {@code [n]} the patterns of m itself
     * @param score {@code [n]} 0 to 1: consistent, and long enough to stand out
     */
    @SuppressWarnings("ArrayRecordComponent") // matrices, compared by nobody
    record Solution(int[] index, DMatrixRMaj m, long[][] gates, double[] score) {}

    Solution solve() {
        try (NDManager manager = Torch.newManager(device)) {
            return solve(manager);
        }
    }

    private Solution solve(NDManager manager) {
        int[] index = IntStream.range(0, pool.size()).toArray();
        double[] fit = IntStream.of(index)
                .mapToDouble(i -> 1 + fitWeight * (1 - pool.get(i).clean()))
                .toArray();
        double[] omega = fit.clone();
        double[] scale = Arrays.stream(omega).map(o -> 1 / o).toArray();
        NDArray a = array(manager, pool.coefficients(index));
        DMatrixRMaj m = members(a, scale);
        double[] length = Consistency.lengths(m);
        for (int step = 1; step < STEPS; step++) {
            double power = 1 - (1 - LAST_POWER) * Math.min(1, step / (.8 * STEPS));
            double longest = Arrays.stream(length).max().orElse(0);
            if (step >= PLAIN && (step - PLAIN) % LOOK == 0) {
                int[] kept = above(length, SHORT * longest);
                index = picked(index, kept);
                fit = picked(fit, kept);
                length = picked(length, kept);
                a.close();
                a = array(manager, pool.coefficients(index));
                Consistency.Look look = consistency.look(rows(m, kept), pool.gates(index));
                omega = fit.clone();
                for (int j = 0; j < omega.length; j++) {
                    omega[j] *= 1 + Math.min(WORST, look.violation()[j] / VIOLATION);
                }
            }
            scale = new double[index.length];
            for (int j = 0; j < scale.length; j++) {
                scale[j] = Math.pow(length[j] * length[j] + Math.pow(1e-4 * longest, 2), 1 - power / 2) / omega[j];
            }
            m = members(a, scale);
            length = Consistency.lengths(m);
        }
        return solution(index, m, length);
    }

    /** {@code M = D A (A^T D A + noise)^-1 diag(s)}, the ridge solution with a weight for each pattern; {@code a [n, rank]}. */
    private DMatrixRMaj members(NDArray a, double[] scale) {
        int rank = space.rank();
        try (NDManager scope = a.getManager().newSubManager()) {
            NDArray scaled = scope.create(scale, new Shape(scale.length, 1)).mul(a);
            NDArray gram = a.transpose().matMul(scaled);
            double trace = scaled.mul(a).sum().getDouble();
            double ridge = noise * trace / rank + 1e-300;
            NDArray inverse = gram.add(
                            scope.eye(rank, rank, 0, DataType.FLOAT64).mul(ridge))
                    .inverse();
            NDArray m = scaled.matMul(inverse).mul(scope.create(space.singularValues()));
            return DMatrixRMaj.wrap(scale.length, rank, m.toDoubleArray());
        }
    }

    private static NDArray array(NDManager manager, DMatrixRMaj matrix) {
        return manager.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
    }

    private Solution solution(int[] index, DMatrixRMaj m, double[] length) {
        double longest = Arrays.stream(length).max().orElse(0);
        int[] kept = above(length, REPORTED * longest);
        DMatrixRMaj members = rows(m, kept);
        int[] patterns = picked(index, kept);
        Consistency.Look look = consistency.look(members, pool.gates(patterns));
        CommonOps_DDRM.multRows(look.sign(), members);
        return new Solution(patterns, members, look.gates(), Consistency.score(look, picked(length, kept), longest));
    }

    private static int[] above(double[] length, double least) {
        return IntStream.range(0, length.length).filter(j -> length[j] > least).toArray();
    }

    private static int[] picked(int[] values, int[] kept) {
        return IntStream.of(kept).map(j -> values[j]).toArray();
    }

    private static double[] picked(double[] values, int[] kept) {
        return IntStream.of(kept).mapToDouble(j -> values[j]).toArray();
    }

    private static DMatrixRMaj rows(DMatrixRMaj m, int[] kept) {
        DMatrixRMaj rows = new DMatrixRMaj(kept.length, m.numCols);
        for (int j = 0; j < kept.length; j++) {
            System.arraycopy(m.data, kept[j] * m.numCols, rows.data, j * m.numCols, m.numCols);
        }
        return rows;
    }
}
