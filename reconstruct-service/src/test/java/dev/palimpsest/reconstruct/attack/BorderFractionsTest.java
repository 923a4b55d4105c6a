package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class BorderFractionsTest {
    private static final double WIDEST = 1.2e-3;
    /** Of a neuron's median pre-activation: where training left a member on its border. */
    private static final double BORDER = 3e-3;

    /**
     * The members' own gates, each border gate a half: with those halves least squares has 47 of food2's members above .9 and 37 above .95.
     */
    @Test
    void ofTheTrueGatesTheFractionsComeBack() {
        HeadFixture food = HeadFixture.read("food2");
        GateSpace space = new GateSpace(food.head(), RowSpace.of(food.head()), WIDEST);
        DMatrixRMaj z = activations(food, space);
        DMatrixRMaj fits = new DMatrixRMaj(food.n(), space.neurons());
        long[][] gates = new long[food.n()][];
        for (int j = 0; j < food.n(); j++) {
            double[] row = Arrays.copyOfRange(z.data, j * z.numCols, (j + 1) * z.numCols);
            gates[j] = Gates.pack(row.length, row, 1);
            for (int k = 0; k < row.length; k++) {
                fits.set(j, k, Math.abs(row[k]) < BORDER * median(z, k) ? .5 : row[k] > 0 ? 1 : 0);
            }
        }

        DMatrixRMaj m = new BorderFractions(space).settle(gates, fits);

        Candidates found = candidates(space, m);
        assertThat(food.matched(found, .9)).isGreaterThanOrEqualTo(62);
        assertThat(food.matched(found, .95)).isGreaterThanOrEqualTo(50);
    }

    @Test
    void withoutBordersTheMembersStayWhatTheyAre() {
        PlantedHead planted = PlantedHead.of(8, 300, 120, 1, 5);
        GateSpace space = new GateSpace(planted.head(), RowSpace.of(planted.head()), WIDEST);
        DMatrixRMaj fits = new DMatrixRMaj(8, space.neurons());
        long[][] gates = new long[8][];
        for (int j = 0; j < 8; j++) {
            boolean[] open = planted.gates()[j];
            double[] z = new double[space.neurons()];
            Arrays.setAll(z, k -> open[k] ? 1 : -1);
            gates[j] = Gates.pack(z.length, z, 1);
            for (int k = 0; k < z.length; k++) {
                fits.set(j, k, open[k] ? 1 : 0);
            }
        }

        Candidates found = candidates(space, new BorderFractions(space).settle(gates, fits));

        for (int j = 0; j < 8; j++) {
            for (int c = 0; c < 300; c++) {
                assertThat((double) found.x()[j * 300 + c]).isCloseTo(planted.members()[j * 300 + c], within(.1));
            }
        }
    }

    @Test
    void aWideSpaceLeavesTooFewEquations() {
        PlantedHead narrow = PlantedHead.of(8, 300, 120, 1, 5);
        PlantedHead wide = PlantedHead.of(60, 300, 120, 1, 5);
        PlantedHead several = PlantedHead.of(8, 300, 120, 3, 5);

        assertThat(BorderFractions.takes(new GateSpace(narrow.head(), RowSpace.of(narrow.head()))))
                .isTrue();
        assertThat(BorderFractions.takes(new GateSpace(wide.head(), RowSpace.of(wide.head()))))
                .isFalse();
        assertThat(BorderFractions.takes(new GateSpace(several.head(), RowSpace.of(several.head()))))
                .isFalse();
    }

    /** {@code [n, K]}, of the members in the head's living neurons. */
    private static DMatrixRMaj activations(HeadFixture food, GateSpace space) {
        int d = food.head().inputs();
        DMatrixRMaj x = new DMatrixRMaj(food.n(), d + 1);
        for (int j = 0; j < food.n(); j++) {
            System.arraycopy(food.members(), j * d, x.data, j * (d + 1), d);
            x.set(j, d, 1);
        }
        DMatrixRMaj rows = space.lift(space.activationRows());
        DMatrixRMaj z = new DMatrixRMaj(food.n(), space.neurons());
        CommonOps_DDRM.multTransB(x, rows, z);
        return z;
    }

    private static double median(DMatrixRMaj z, int k) {
        double[] column = new double[z.numRows];
        Arrays.setAll(column, j -> Math.abs(z.get(j, k)));
        Arrays.sort(column);
        return column[column.length / 2];
    }

    /** Each divided by its bias coordinate, whose sign is that of the member. */
    private static Candidates candidates(GateSpace space, DMatrixRMaj m) {
        DMatrixRMaj lifted = space.lift(m);
        int n = m.numRows;
        int d = lifted.numCols - 1;
        float[] x = new float[n * d];
        for (int j = 0; j < n; j++) {
            for (int c = 0; c < d; c++) {
                x[j * d + c] = (float) (lifted.get(j, c) / lifted.get(j, d));
            }
        }
        return new Candidates(n, d, x, new int[n], new double[n], new int[n], new double[n]);
    }
}
