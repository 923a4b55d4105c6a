package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GatePursuitTest {
    private static final int MEMBERS = 8;
    private static final int INPUTS = 300;
    private static final int NEURONS = 120;

    private final PlantedHead planted = PlantedHead.of(MEMBERS, INPUTS, NEURONS, 1, 5);
    private final RowSpace rows = RowSpace.of(planted.head());
    private final GateSpace space = new GateSpace(planted.head(), rows);

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    /**
     * Each true pattern beside {@code s_i + s_a - s_b}, which lies in the column space as well.
     */
    @Test
    void theShortestExplanationAreTheMembers() {
        List<double[]> columns = new ArrayList<>();
        for (boolean[] gates : planted.gates()) {
            columns.add(row(gates));
        }
        for (int i = 0; i < MEMBERS; i++) {
            double[] decoy = new double[NEURONS];
            for (int k = 0; k < decoy.length; k++) {
                decoy[k] = columns.get(i)[k] + columns.get((i + 1) % MEMBERS)[k] - columns.get((i + 3) % MEMBERS)[k];
            }
            columns.add(decoy);
        }
        GatePool pool = new GatePool(space.neurons(), space.rank());
        columns.forEach(column -> pool.add(entry(column)));

        SparseMembers.Solution solution = new SparseMembers(space, pool, 10, 1e-3, Device.cpu()).solve();

        assertThat(solution.index()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        DMatrixRMaj m = space.lift(solution.m());
        for (int i = 0; i < MEMBERS; i++) {
            int member = solution.index()[i];
            double bias = m.get(i, INPUTS);
            assertThat(Math.abs(bias)).isCloseTo(.01 * (1 + member % 3), within(1e-3));
            for (int c = 0; c < INPUTS; c++) {
                assertThat(m.get(i, c) / bias).isCloseTo(planted.members()[member * INPUTS + c], within(.1));
            }
        }
    }

    private static double[] row(boolean[] gates) {
        double[] row = new double[gates.length];
        for (int k = 0; k < row.length; k++) {
            row[k] = gates[k] ? 1 : 0;
        }
        return row;
    }

    private GatePool.Entry entry(double[] column) {
        float[] coefficients = new float[space.rank()];
        double[] basis = space.columnBasis().data;
        for (int k = 0; k < column.length; k++) {
            for (int c = 0; c < coefficients.length; c++) {
                coefficients[c] += (float) (column[k] * basis[k * coefficients.length + c]);
            }
        }
        double[] open = Arrays.stream(column).map(value -> value - .5).toArray();
        double clean =
                Arrays.stream(column).filter(value -> value == 0 || value == 1).count() / (double) column.length;
        return new GatePool.Entry(Gates.pack(open.length, open, 1), coefficients, clean);
    }

    @Test
    void aPoolComesBackFromItsTensors() {
        GatePool pool = new GatePool(space.neurons(), space.rank());
        for (boolean[] gates : planted.gates()) {
            pool.add(entry(row(gates)));
        }
        GatePool read = new GatePool(space.neurons(), space.rank());
        read.addAll(pool.tensors());

        assertThat(read.size()).isEqualTo(MEMBERS);
        for (int i = 0; i < MEMBERS; i++) {
            assertThat(read.get(i).gates()).isEqualTo(pool.get(i).gates());
            assertThat(read.get(i).coefficients()).isEqualTo(pool.get(i).coefficients());
            assertThat(read.get(i).clean()).isEqualTo(1);
        }
        assertThat(read.distinct(3).size()).isEqualTo(3);
        read.addAll(pool.tensors());
        assertThat(read.distinct(100).size()).isEqualTo(MEMBERS);
    }

    @Test
    void refusesPatternsOfAnotherHead() {
        GatePursuit pursuit = new GatePursuit(planted.head(), rows, MEMBERS, Device.cpu(), 1);
        Map<String, Tensor> other = new LinkedHashMap<>();
        other.put("patterns", Tensor.ofLongs(new long[9], 3, 3));
        other.put("coefficients", Tensor.ofFloats(new float[9], 3, 3));

        assertThatThrownBy(() -> pursuit.pool(0, List.of(other), Candidates.none(INPUTS), Progress.SILENT))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("expected 2 words");
    }

    @Test
    void everyViewFindsTwiceWhatDifferencesFindInATrainedHead() {
        HeadFixture food = HeadFixture.read("food2");
        GatePursuit pursuit = new GatePursuit(food.head(), RowSpace.of(food.head()), food.n(), Device.cpu(), 0);
        Candidates differences = NeuronDifferences.find(food.head(), food.n(), 8);

        List<Map<String, Tensor>> starts = List.of(pursuit.start(0, 300, 300, Progress.SILENT));
        List<Map<String, Tensor>> pools = new ArrayList<>();
        for (int view = 0; view < pursuit.views(); view++) {
            pools.add(pursuit.pool(view, starts, differences, Progress.SILENT));
        }

        assertThat(pools).hasSize(3);
        for (int view = 0; view < pools.size(); view++) {
            Candidates found = pursuit.trial(view, pools);
            assertThat(food.matched(found, .75)).isGreaterThanOrEqualTo(50);
            assertThat(food.matched(found, .9)).isGreaterThanOrEqualTo(40);
        }
        assertThat(food.matched(pursuit.trial(pools.size(), pools), .75)).isGreaterThanOrEqualTo(45);
    }
}
