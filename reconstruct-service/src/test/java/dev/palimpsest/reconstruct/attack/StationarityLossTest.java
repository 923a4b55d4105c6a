package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StationarityLossTest {
    private static final int M = 4;
    private static final int R = 3;
    private static final int H = 6;
    private static final double ALPHA = 3;
    private static final double LAMBDA_MIN = .6;

    private final SplittableRandom random = new SplittableRandom(7);
    private final double[] w = numbers(H * R);
    private final double[] b = numbers(H);
    private final double[] x = numbers(M * R);
    private final double[] l = {.9, .5, .7, .3};
    private final double[] y = {1, -1, 1, -1};
    private final double[] v = numbers(H);

    /** L of one output written out with loops, without its third residual. */
    private double loss(double[] points, double[] multipliers) {
        double[] restW = w.clone();
        double[] restB = b.clone();
        for (int j = 0; j < M; j++) {
            double share = multipliers[j] * y[j] / M;
            for (int k = 0; k < H; k++) {
                double gate = 1 / (1 + Math.exp(-ALPHA * activation(points, j, k)));
                restB[k] -= share * gate * v[k];
                for (int c = 0; c < R; c++) {
                    restW[k * R + c] -= share * gate * v[k] * points[j * R + c];
                }
            }
        }
        double penalty = 0;
        for (double multiplier : multipliers) {
            penalty += 5 * Math.pow(Math.max(0, LAMBDA_MIN - multiplier), 2);
        }
        return BalancedNeurons.dot(restW, restW) + BalancedNeurons.dot(restB, restB) + penalty;
    }

    /** The third residual, {@code ||v - sum c a||^2}. */
    private double outputLoss(double[] points, double[] multipliers) {
        double[] rest = outputRest(points, multipliers);
        return BalancedNeurons.dot(rest, rest);
    }

    private double[] outputRest(double[] points, double[] multipliers) {
        double[] rest = v.clone();
        for (int j = 0; j < M; j++) {
            for (int k = 0; k < H; k++) {
                rest[k] -= multipliers[j] * y[j] / M * Math.max(0, activation(points, j, k));
            }
        }
        return rest;
    }

    private double activation(double[] points, int j, int k) {
        double z = b[k];
        for (int c = 0; c < R; c++) {
            z += w[k * R + c] * points[j * R + c];
        }
        return z;
    }

    @Test
    void gradientIsThatOfTheLoss() {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            StationarityLoss.Gradient gradient = gradient(manager);
            double penalty = 5 * (.1 * .1 + .3 * .3);

            assertThat(gradient.value().toDoubleArray()[0])
                    .isCloseTo(loss(x, l) + outputLoss(x, l) - penalty, within(1e-12));
            double[] slopeL = gradient.l().toDoubleArray();
            for (int j = 0; j < M; j++) {
                assertThat(slopeL[j]).isCloseTo(difference(l, j, false), within(1e-6));
            }
            double[] slopeX = gradient.x().toDoubleArray();
            for (int i = 0; i < x.length; i++) {
                assertThat(slopeX[i]).isCloseTo(difference(x, i, true) + softOutputSlope(i), within(1e-6));
            }
        }
    }

    private StationarityLoss.Gradient gradient(NDManager manager) {
        StationarityLoss loss = new StationarityLoss(
                manager.create(w, new Shape(H, R)),
                manager.create(b),
                manager.create(v, new Shape(1, H)),
                manager.create(new double[1]));
        NDArray alpha = manager.create(new double[] {ALPHA}, new Shape(1, 1, 1));
        NDArray lambdaMin = manager.create(new double[] {LAMBDA_MIN}, new Shape(1, 1));
        return loss.at(
                manager.create(x, new Shape(1, M, R)),
                manager.create(l, new Shape(1, M)),
                manager.create(y, new Shape(1, M, 1)),
                alpha,
                lambdaMin);
    }

    /** Central difference; in x without the third residual, whose relu has the derivative of a soft gate. */
    private double difference(double[] at, int i, boolean points) {
        double step = 1e-5;
        double[] up = at.clone();
        double[] down = at.clone();
        up[i] += step;
        down[i] -= step;
        double rise = points
                ? loss(up, l) - loss(down, l)
                : loss(x, up) + outputLoss(x, up) - loss(x, down) - outputLoss(x, down);
        return rise / (2 * step);
    }

    private double softOutputSlope(int i) {
        int j = i / R;
        double[] rest = outputRest(x, l);
        double slope = 0;
        for (int k = 0; k < H; k++) {
            double gate = 1 / (1 + Math.exp(-ALPHA * activation(x, j, k)));
            slope -= 2 * rest[k] * l[j] * y[j] / M * gate * w[k * R + i % R];
        }
        return slope;
    }

    private double[] numbers(int n) {
        return random.doubles(n, -1, 1).toArray();
    }
}
