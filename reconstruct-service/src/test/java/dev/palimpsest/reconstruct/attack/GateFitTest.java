package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GateFitTest {
    private static final int MEMBERS = 8;
    private static final int INPUTS = 40;
    private static final int NEURONS = 200;

    /** Shares of members on neurons, {@code [MEMBERS][NEURONS]}: 0 or 1, and for member 0 fractions on the first 40. */
    private final double[][] shares = shares();

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    private static double[][] shares() {
        SplittableRandom random = new SplittableRandom(3);
        double[][] shares = new double[MEMBERS][NEURONS];
        for (int j = 0; j < MEMBERS; j++) {
            for (int k = 0; k < NEURONS; k++) {
                shares[j][k] = j == 0 && k < 40 ? .1 + .8 * random.nextDouble() : random.nextInt(2);
            }
        }
        return shares;
    }

    /** {@code [w_k, b_k] = sum_j share_jk (v_k . e_j) .01 [x_j, 1]}; the e_j {@code [MEMBERS][C]}. */
    private GateSpace space(double[][] v, double[][] e) {
        SplittableRandom random = new SplittableRandom(7);
        double[] w = new double[NEURONS * INPUTS];
        double[] b = new double[NEURONS];
        for (int j = 0; j < MEMBERS; j++) {
            double[] x = random.doubles(INPUTS, -2, 2).toArray();
            for (int k = 0; k < NEURONS; k++) {
                double m = 0;
                for (int c = 0; c < v.length; c++) {
                    m += .01 * shares[j][k] * v[c][k] * e[j][c];
                }
                b[k] += m;
                for (int i = 0; i < INPUTS; i++) {
                    w[k * INPUTS + i] += m * x[i];
                }
            }
        }
        double[] flat = new double[v.length * NEURONS];
        for (int c = 0; c < v.length; c++) {
            System.arraycopy(v[c], 0, flat, c * NEURONS, NEURONS);
        }
        Head head = Head.of(INPUTS, w, b, flat, null);
        return new GateSpace(head, RowSpace.of(head));
    }

    private GateSpace oneOutput() {
        double[][] v = {
            new SplittableRandom(1)
                    .ints(NEURONS, 0, 2)
                    .mapToDouble(i -> 2 * i - 1)
                    .toArray()
        };
        double[][] e = new double[MEMBERS][1];
        for (int j = 0; j < MEMBERS; j++) {
            e[j][0] = j % 2 == 0 ? 1 : -1;
        }
        return space(v, e);
    }

    /** The gates of member j, every so many flipped. Living neurons keep their order here: all have one size. */
    private long[] pattern(int j, GateSpace space, int flips) {
        int every = flips == 0 ? Integer.MAX_VALUE : space.neurons() / flips;
        double[] z = new double[space.neurons()];
        for (int k = 0; k < z.length; k++) {
            boolean open = shares[j][k] > .5;
            boolean flip = k % every == 1 && flips > 0;
            z[k] = open == flip ? -1 : 1;
        }
        return Gates.pack(z.length, z, 1);
    }

    @Test
    void patternsOfMembersFitAndOthersDoNot() {
        GateSpace space = oneOutput();
        List<long[]> patterns = new ArrayList<>();
        for (int j = 1; j < MEMBERS; j++) {
            patterns.add(pattern(j, space, 0));
        }
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < MEMBERS; i++) {
            patterns.add(Gates.pack(NEURONS, random.doubles(NEURONS, -1, 1).toArray(), 1));
        }

        GatePool pool = new GateFit(space, Device.cpu()).fit(patterns, Progress.SILENT);

        for (int j = 1; j < MEMBERS; j++) {
            assertThat(pool.get(j - 1).clean()).isEqualTo(1);
            assertThat(pool.get(j - 1).gates()).isEqualTo(patterns.get(j - 1));
        }
        for (int i = MEMBERS - 1; i < patterns.size(); i++) {
            // What is far from all members may be flipped until it is one of them, but nothing else fits as well.
            assertThat(pool.get(i).clean() < .9
                            || members(space)
                                    .contains(BitSet.valueOf(pool.get(i).gates())))
                    .isTrue();
        }
    }

    private List<BitSet> members(GateSpace space) {
        List<BitSet> members = new ArrayList<>();
        for (int j = 0; j < MEMBERS; j++) {
            members.add(BitSet.valueOf(pattern(j, space, 0)));
        }
        return members;
    }

    @Test
    void wrongGatesAreFlipped() {
        GateSpace space = oneOutput();
        List<long[]> damaged = new ArrayList<>();
        for (int j = 1; j < MEMBERS; j++) {
            damaged.add(pattern(j, space, 20));
            assertThat(Gates.difference(damaged.get(j - 1), pattern(j, space, 0)))
                    .isEqualTo(20);
        }

        GatePool pool = new GateFit(space, Device.cpu()).fit(damaged, Progress.SILENT);

        for (int j = 1; j < MEMBERS; j++) {
            assertThat(Gates.difference(pool.get(j - 1).gates(), pattern(j, space, 0)))
                    .isZero();
        }
    }

    @Test
    void onTheBorderTheFitIsTheFraction() {
        GateSpace space = oneOutput();

        GatePool pool = new GateFit(space, Device.cpu()).fit(List.of(pattern(0, space, 0)), Progress.SILENT);

        double[] basis = space.columnBasis().data;
        for (int k = 0; k < NEURONS; k++) {
            double fit = 0;
            for (int c = 0; c < space.rank(); c++) {
                fit += pool.get(0).coefficients()[c] * basis[k * space.rank() + c];
            }
            assertThat(Math.abs(fit - shares[0][k])).as("neuron %d", k).isLessThan(.05);
        }
    }

    /** Columns of one length, so that the living neurons keep their order, for four outputs. */
    private static double[][] columns() {
        SplittableRandom random = new SplittableRandom(5);
        double[][] v = new double[4][];
        for (int c = 0; c < 4; c++) {
            v[c] = random.doubles(NEURONS, -1, 1).toArray();
        }
        for (int k = 0; k < NEURONS; k++) {
            double size = Math.sqrt(v[0][k] * v[0][k] + v[1][k] * v[1][k] + v[2][k] * v[2][k] + v[3][k] * v[3][k]);
            for (int c = 0; c < 4; c++) {
                v[c][k] /= size * (1 + 1e-9 * k);
            }
        }
        return v;
    }

    @Test
    void withSeveralOutputsTheOutputSideIsFoundToo() {
        double[][] e = new double[MEMBERS][4];
        for (int j = 0; j < MEMBERS; j++) {
            for (int c = 0; c < 4; c++) {
                e[j][c] = c == j % 4 ? 1 : -1 / 3.0;
            }
        }
        GateSpace space = space(columns(), e);
        List<long[]> damaged = new ArrayList<>();
        for (int j = 1; j < MEMBERS; j++) {
            damaged.add(pattern(j, space, 10));
        }

        GatePool pool = new GateFit(space, Device.cpu()).fit(damaged, Progress.SILENT);

        for (int j = 1; j < MEMBERS; j++) {
            // Neurons whose column is at right angles to the side say nothing of their gate and stay as they were.
            assertThat(Gates.difference(pool.get(j - 1).gates(), pattern(j, space, 0)))
                    .isLessThanOrEqualTo(4);
            assertThat(pool.get(j - 1).clean()).isGreaterThan(.95);
        }
    }

    @Test
    void aSideThatTrainingDoesNotLeaveDoesNotFit() {
        double[][] e = new double[MEMBERS][4];
        for (int j = 0; j < MEMBERS; j++) {
            for (int c = 0; c < 4; c++) {
                e[j][c] = c == j % 4 || c == (j + 1) % 4 ? .5 : -.5;
            }
        }
        GateSpace space = space(columns(), e);
        List<long[]> patterns = new ArrayList<>();
        for (int j = 1; j < MEMBERS; j++) {
            patterns.add(pattern(j, space, 0));
        }

        GatePool pool = new GateFit(space, Device.cpu()).fit(patterns, Progress.SILENT);

        for (int j = 1; j < MEMBERS; j++) {
            assertThat(pool.get(j - 1).clean()).isLessThan(.9);
        }
    }
}
