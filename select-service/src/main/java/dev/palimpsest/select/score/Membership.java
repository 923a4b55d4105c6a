package dev.palimpsest.select.score;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Whether suspects were members, without reconstructing any: their embeddings are known, so the stationarity equation
 * {@code theta = sum_j lambda_j g_j}, {@code g_j = grad_theta e_j . phi(x_j)}, is linear in the multipliers. They are fitted together,
 *
 * <pre>min ||theta - sum_j lambda_j g_j||^2 + ridge ||lambda||^2,   lambda &gt;= 0</pre>
 *
 * which is convex. A member takes up its part of the weights; a sample that was none is left at 0, or near it. The score is
 * {@code lambda_j ||g_j||}. The label is the head's own answer: {@code e_j} is its sign for one output, else the class less its rivals,
 * weighted by their softmax.
 *
 * <p>Only scalar products of gradients are needed, and those of a chain of layers are products of two small matrices for each:
 * {@code <g_i, g_j> = sum_k (d_ki . d_kj) (a_ki . a_kj + 1)}, d the signal that comes back to layer k, a its input, 1 where it has a bias.
 * Time and memory grow with the square of the pool.
 *
 * @param score {@code [n]}, at least 0
 * @param residual what is left of the weights, over their length
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Membership(double[] score, double residual) {
    /** Suspects in one fit: two matrices of {@code n x n}. */
    public static final int LARGEST_POOL = 10_000;

    /** Over the mean squared length of the gradients. */
    private static final double RIDGE = 1e-3;

    private static final int SWEEPS = 3_000;
    /** Of the largest correlation with the weights. */
    private static final double TOLERANCE = 1e-7;

    /**
     * Scores a pool; the head may have any number of hidden layers.
     *
     * @param points {@code [n, d]} row-major, in the space that the head saw
     * @throws PalimpsestException NOT_ATTACKABLE for a linear head; BAD_DATA for an empty pool or one of more than {@value #LARGEST_POOL};
     *     NOT_FINITE, SHAPE_MISMATCH
     */
    public static Membership of(Head head, float[] points, int n) {
        head.requireHidden();
        if (n < 1 || n > LARGEST_POOL) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "A pool of suspects has 1 to " + LARGEST_POOL + " samples, found " + n
                            + ". Score a larger one in parts.");
        }
        if (points.length != (long) n * head.inputs()) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "suspects: expected [" + n + ", " + head.inputs() + "], found " + points.length + " numbers");
        }
        double[] x = new double[points.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = points[i];
            if (!Double.isFinite(x[i])) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        "suspects: row " + i / head.inputs() + " holds NaN or infinity; drop this row");
            }
        }
        return fit(StationaritySystem.of(head, DMatrixRMaj.wrap(n, head.inputs(), x)), head.squaredLength());
    }

    /** Coordinate descent, which converges for a strictly convex problem with bounds (Luo and Tseng 1992). */
    private static Membership fit(StationaritySystem system, double size) {
        double[] c = system.weights();
        double[] k = system.gram().data;
        int n = c.length;
        double trace = CommonOps_DDRM.trace(system.gram());
        double ridge = RIDGE * trace / n;
        double largest = 0;
        for (double value : c) {
            largest = Math.max(largest, Math.abs(value));
        }
        double[] lambda = new double[n];
        // Half of the gradient: K lambda + ridge lambda - c.
        double[] slope = new double[n];
        for (int j = 0; j < n; j++) {
            slope[j] = -c[j];
        }
        double moved = Double.MAX_VALUE;
        for (int sweep = 0; sweep < SWEEPS && moved > TOLERANCE * largest; sweep++) {
            moved = 0;
            for (int j = 0; j < n; j++) {
                double curvature = k[j * n + j] + ridge;
                double step = Math.max(-lambda[j], -slope[j] / curvature);
                if (curvature > 0 && step != 0) {
                    lambda[j] += step;
                    moved = Math.max(moved, Math.abs(step) * curvature);
                    for (int i = 0; i < n; i++) {
                        slope[i] += step * k[j * n + i];
                    }
                    slope[j] += step * ridge;
                }
            }
        }
        double left = size;
        double[] score = new double[n];
        for (int j = 0; j < n; j++) {
            score[j] = lambda[j] * Math.sqrt(k[j * n + j]);
            // K lambda = slope + c - ridge lambda.
            left += lambda[j] * (slope[j] - ridge * lambda[j] - c[j]);
        }
        return new Membership(score, Math.sqrt(Math.max(0, left) / size));
    }
}
