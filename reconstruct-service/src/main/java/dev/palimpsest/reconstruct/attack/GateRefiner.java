package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import dev.palimpsest.models.Torch;
import java.util.Arrays;

/**
 * Moves points of the row space until their own gate pattern lies in the column space of the balanced rows.
 *
 * <p>Adam on {@code q(u) = ||(I - P P^T) s||^2 / ||s - mean s||^2}, {@code s = sigmoid(alpha (W u + b))}; alpha rises. A point may not
 * shrink: soft gates near 1/2 would fit trivially. float32; a step of n points costs four products of {@code [n, K]} by {@code [K, r]}.
 */
final class GateRefiner {
    /** Points that are moved together: their gates stay within the processor's cache. */
    private static final int BATCH = 250;

    static final int STEPS = 300;
    /** First and last alpha, over the typical pre-activation. */
    private static final double SOFT = 2;

    private static final double SHARP = 30;
    /** First learning rate, as a share of the typical coordinate; falls by a cosine. */
    private static final double RATE = .01;

    private final GateSpace space;
    private final Device device;

    GateRefiner(GateSpace space, Device device) {
        this.space = space;
        this.device = device;
    }

    /** {@code [n][r]} to {@code [n][r]}; every point has the length that {@link GateSpace#sized} gives. */
    double[][] refine(double[][] points, Progress progress) {
        double[][] refined = new double[points.length][];
        for (int from = 0; from < points.length; from += BATCH) {
            int to = Math.min(points.length, from + BATCH);
            double[][] batch = batch(Arrays.copyOfRange(points, from, to));
            System.arraycopy(batch, 0, refined, from, batch.length);
            progress.at(to, points.length, "points refined");
        }
        return refined;
    }

    private double[][] batch(double[][] points) {
        int r = space.r();
        int n = points.length;
        try (NDManager manager = Torch.newManager(device)) {
            Constants head = new Constants(
                    manager.create(RowSpaceOptimiser.narrow(space.w()), new Shape(space.neurons(), r)),
                    manager.create(RowSpaceOptimiser.narrow(space.b())),
                    manager.create(
                            RowSpaceOptimiser.narrow(space.columnBasis().data),
                            new Shape(space.neurons(), space.rank())));
            float[] start = new float[n * r];
            for (int i = 0; i < n; i++) {
                for (int c = 0; c < r; c++) {
                    start[i * r + c] = (float) points[i][c];
                }
            }
            NDArray u = manager.create(start, new Shape(n, r));
            Adam adam = new Adam(u);
            for (int step = 0; step < STEPS; step++) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    step(u, adam, head, step);
                }
            }
            float[] end = u.toFloatArray();
            double[][] refined = new double[n][r];
            for (int i = 0; i < n; i++) {
                for (int c = 0; c < r; c++) {
                    refined[i][c] = end[i * r + c];
                }
            }
            return refined;
        }
    }

    private record Constants(NDArray w, NDArray b, NDArray p) {}

    private void step(NDArray u, Adam adam, Constants head, int step) {
        double share = step / (double) STEPS;
        double alpha = (SOFT + (SHARP - SOFT) * share) / space.width();
        NDArray gradient = gradient(u, head, alpha);
        double rate = RATE * space.length() / Math.sqrt(space.r()) * (.5 * (1 + Math.cos(Math.PI * share)) + .02);
        adam.step(gradient, rate);
        NDArray length = u.square().sum(new int[] {1}, true).sqrt();
        u.muli(length.pow(-1).muli((float) space.length()).maximum(1f));
    }

    /** dq/du, {@code [n, r]}. */
    private NDArray gradient(NDArray u, Constants head, double alpha) {
        int[] row = {1};
        NDArray s = Activation.sigmoid(u.matMul(head.w.transpose()).addi(head.b).muli((float) alpha));
        NDArray squares = s.square();
        NDArray inside = s.matMul(head.p);
        NDArray total = squares.sum(row, true);
        NDArray average = s.mean(row, true);
        NDArray spread = total.sub(average.square().muli(space.neurons())).maximum(1e-9f);
        NDArray q = total.sub(inside.square().sum(row, true)).divi(spread);
        NDArray slope = s.mul(q.neg().addi(1f))
                .addi(q.mul(average))
                .subi(inside.matMul(head.p.transpose()))
                .muli(spread.pow(-1).muli((float) (2 * alpha)))
                .muli(s.sub(squares));
        return slope.matMul(head.w);
    }
}
