package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import dev.palimpsest.models.Torch;
import dev.palimpsest.reconstruct.attack.StationarityLoss.Rivals;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The closed form against the loss written out with loops, by central differences, and against the engine's autograd; float64. */
class StationarityLossTest {
    private static final int M = 7;
    private static final int R = 4;
    private static final int H = 9;
    private static final double ALPHA = 3;
    private static final double LAMBDA_MIN = .6;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    /** Heads with and without output bias; both output sides where there are several outputs. */
    @ParameterizedTest
    @CsvSource({
        "1, false, HARDEST",
        "1, true, SOFT",
        "2, false, HARDEST",
        "4, false, HARDEST",
        "4, true, HARDEST",
        "4, true, SOFT"
    })
    void gradientIsThatOfTheLoss(int outputs, boolean bias, Rivals rivals) {
        Problem problem = new Problem(outputs, bias, rivals, 7);

        Values closed = problem.closedForm();

        assertThat(closed.value + penalty(problem.l)).isCloseTo(problem.loss(problem.x, problem.l), within(1e-12));
        for (int i = 0; i < problem.x.length; i++) {
            assertThat(closed.x[i]).isCloseTo(problem.difference(problem.x, i), within(1e-7));
        }
        for (int j = 0; j < M; j++) {
            assertThat(closed.l[j]).isCloseTo(problem.difference(problem.l, j), within(1e-7));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, false, HARDEST",
        "1, true, SOFT",
        "2, false, HARDEST",
        "4, false, HARDEST",
        "4, true, HARDEST",
        "4, true, SOFT"
    })
    void gradientIsThatOfAutograd(int outputs, boolean bias, Rivals rivals) {
        Problem problem = new Problem(outputs, bias, rivals, 8);

        Values closed = problem.closedForm();
        Values taped = problem.autograd();

        assertThat(closed.value).isCloseTo(taped.value, within(1e-12));
        assertThat(closed.x).containsExactly(taped.x, within(1e-12));
        assertThat(closed.l).containsExactly(taped.l, within(1e-12));
    }

    private static double penalty(double[] multipliers) {
        double penalty = 0;
        for (double multiplier : multipliers) {
            penalty += 5 * Math.pow(Math.max(0, LAMBDA_MIN - multiplier), 2);
        }
        return penalty;
    }

    private record Values(double value, double[] x, double[] l) {}

    /** A random head with candidates at x, whose output sides e are fixed there. */
    private static final class Problem {
        private final SplittableRandom random;
        private final int outputs;
        private final Rivals rivals;
        private final double[] w;
        private final double[] b;
        private final double[] v;
        private final double[] c;
        private final double[] x;
        private final double[] l = {.9, .5, .7, .3, .65, .1, 1.2};
        private final int[] label = new int[M];
        private final double[] e;

        Problem(int outputs, boolean bias, Rivals rivals, long seed) {
            this.random = new SplittableRandom(seed);
            this.outputs = outputs;
            this.rivals = rivals;
            this.w = numbers(H * R);
            this.b = numbers(H);
            this.v = numbers(outputs * H);
            this.c = bias ? numbers(outputs) : null;
            this.x = numbers(M * R);
            for (int j = 0; j < M; j++) {
                label[j] = j % Math.max(2, outputs);
            }
            this.e = outputSides();
        }

        private double[] numbers(int n) {
            return random.doubles(n, -1, 1).toArray();
        }

        /** e_j, {@code [M, outputs]}. */
        private double[] outputSides() {
            double[] sides = new double[M * outputs];
            for (int j = 0; j < M; j++) {
                if (outputs == 1) {
                    sides[j] = label[j] == 1 ? 1 : -1;
                    continue;
                }
                double[] logit = new double[outputs];
                int hardest = -1;
                double total = 0;
                for (int k = 0; k < outputs; k++) {
                    logit[k] = c == null ? 0 : c[k];
                    for (int i = 0; i < H; i++) {
                        logit[k] += v[k * H + i] * Math.max(0, activation(x, j, i));
                    }
                    if (k != label[j]) {
                        hardest = hardest < 0 || logit[k] > logit[hardest] ? k : hardest;
                        total += Math.exp(logit[k]);
                    }
                }
                for (int k = 0; k < outputs; k++) {
                    double rival = rivals == Rivals.SOFT ? Math.exp(logit[k]) / total : k == hardest ? 1 : 0;
                    sides[j * outputs + k] = k == label[j] ? 1 : -rival;
                }
            }
            return sides;
        }

        private double activation(double[] points, int j, int i) {
            double z = b[i];
            for (int k = 0; k < R; k++) {
                z += w[i * R + k] * points[j * R + k];
            }
            return z;
        }

        /**
         * L with e fixed. Where the loss takes relu itself, this moves away from it along the softplus, whose slope is the gate
         * that stands for relu's derivative.
         */
        private double loss(double[] points, double[] multipliers) {
            double[] restW = w.clone();
            double[] restB = b.clone();
            double[] restV = v.clone();
            double[] restC = c == null ? new double[0] : c.clone();
            for (int j = 0; j < M; j++) {
                double share = multipliers[j] / M;
                for (int k = 0; k < restC.length; k++) {
                    restC[k] -= share * e[j * outputs + k];
                }
                for (int i = 0; i < H; i++) {
                    double z = activation(points, j, i);
                    double z0 = activation(x, j, i);
                    double a = Math.max(0, z0) + (softplus(z) - softplus(z0));
                    double u = 0;
                    for (int k = 0; k < outputs; k++) {
                        u += v[k * H + i] * e[j * outputs + k];
                        restV[k * H + i] -= share * e[j * outputs + k] * a;
                    }
                    double g = share * u / (1 + Math.exp(-ALPHA * z));
                    restB[i] -= g;
                    for (int k = 0; k < R; k++) {
                        restW[i * R + k] -= g * points[j * R + k];
                    }
                }
            }
            return square(restW) + square(restB) + square(restV) + square(restC) + penalty(multipliers);
        }

        private static double softplus(double z) {
            return Math.log1p(Math.exp(ALPHA * z)) / ALPHA;
        }

        private static double square(double[] a) {
            return BalancedNeurons.dot(a, a);
        }

        /** Central difference of the loss in entry i of x or l. */
        private double difference(double[] at, int i) {
            double step = 1e-5;
            double[] up = at.clone();
            double[] down = at.clone();
            up[i] += step;
            down[i] -= step;
            double rise = at == x ? loss(up, l) - loss(down, l) : loss(x, up) - loss(x, down);
            return rise / (2 * step);
        }

        Values closedForm() {
            try (NDManager manager = Torch.newManager(Device.cpu())) {
                StationarityLoss.Gradient gradient = new StationarityLoss(
                                manager.create(w, new Shape(H, R)),
                                manager.create(b),
                                manager.create(v, new Shape(outputs, H)),
                                c == null ? null : manager.create(c),
                                rivals)
                        .at(
                                manager.create(x, new Shape(1, M, R)),
                                manager.create(l, new Shape(1, M)),
                                manager.create(StationarityLoss.sides(label, outputs), new Shape(1, M, outputs)),
                                manager.create(new double[] {ALPHA}, new Shape(1, 1, 1)),
                                manager.create(new double[] {LAMBDA_MIN}, new Shape(1, 1)));
                return new Values(
                        gradient.value().toDoubleArray()[0],
                        gradient.x().toDoubleArray(),
                        gradient.l().toDoubleArray());
            }
        }

        /** The residuals with ordinary operations and one backward pass. */
        Values autograd() {
            try (NDManager manager = Torch.newManager(Device.cpu())) {
                NDArray points = manager.create(x, new Shape(M, R));
                NDArray multipliers = manager.create(l, new Shape(M, 1));
                points.setRequiresGradient(true);
                multipliers.setRequiresGradient(true);
                double value = backward(manager, points, multipliers);
                return new Values(
                        value,
                        points.getGradient().toDoubleArray(),
                        multipliers.getGradient().toDoubleArray());
            }
        }

        private double backward(NDManager manager, NDArray points, NDArray multipliers) {
            try (GradientCollector tape = Torch.engine().newGradientCollector()) {
                NDArray weights = manager.create(w, new Shape(H, R));
                NDArray output = manager.create(v, new Shape(outputs, H));
                NDArray z = points.matMul(weights.transpose()).add(manager.create(b));
                // Arrays and not plain numbers, whose memory the engine gives back before the backward pass reads it.
                NDArray alpha = manager.create(new double[] {ALPHA});
                NDArray m = manager.create(new double[] {M});
                NDArray five = manager.create(new double[] {5});
                NDArray sharp = z.mul(alpha);
                NDArray gate = Activation.sigmoid(sharp);
                NDArray smooth = Activation.softPlus(sharp).div(alpha);
                NDArray a = Activation.relu(z).sub(smooth).stopGradient().add(smooth);
                NDArray side = manager.create(e, new Shape(M, outputs));
                NDArray share = multipliers.div(m);
                NDArray g = side.matMul(output).mul(gate).mul(share);
                NDArray shared = side.mul(share);
                NDList rests = new NDList(
                        weights.sub(g.transpose().matMul(points)),
                        manager.create(b).sub(g.sum(new int[] {0})),
                        output.sub(shared.transpose().matMul(a)));
                if (c != null) {
                    rests.add(manager.create(c).sub(shared.sum(new int[] {0})));
                }
                NDArray value = rests.stream()
                        .map(rest -> rest.square().sum())
                        .reduce(NDArray::add)
                        .orElseThrow();
                NDArray low = Activation.relu(multipliers.neg().add(LAMBDA_MIN));
                tape.backward(value.add(low.square().sum().mul(five)).sum());
                return value.getDouble();
            }
        }
    }
}
