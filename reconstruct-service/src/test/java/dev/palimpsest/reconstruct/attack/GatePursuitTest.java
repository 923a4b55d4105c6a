package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Torch;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GatePursuitTest {
    private static final int MEMBERS = 8;

    private final PlantedHead planted = PlantedHead.of(MEMBERS, 40, 120, 1, 5);
    private final RowSpace rows = RowSpace.of(planted.head());
    private final GateSpace space = new GateSpace(planted.head(), rows);

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @Test
    void gatesOfMembersLieInTheColumnSpaceAndOthersDoNot() {
        GatePatterns pool = withDecoys();

        for (int j = 0; j < MEMBERS; j++) {
            assertThat(space.misfit(pool.bits(j))).isLessThan(1e-5);
            assertThat(space.misfit(pool.bits(MEMBERS + j))).isGreaterThan(.5);
        }
    }

    @Test
    void choosesTheGatesOfMembersAndSolvesForThem() {
        GatePatterns pool = withDecoys();

        PatternChoice.Choice choice = new PatternChoice(space.target()).choose(pool, MEMBERS);
        double[][] patterns = IntStream.of(choice.chosen()).mapToObj(pool::row).toArray(double[][]::new);
        double[] m = space.solve(patterns, 1e-9);

        assertThat(choice.chosen()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(choice.left()).isLessThan(1e-5);
        double[] u = new double[MEMBERS * space.r()];
        for (int i = 0; i < MEMBERS; i++) {
            int member = choice.chosen()[i];
            double bias = m[i * (space.r() + 1) + space.r()];
            assertThat(bias).isCloseTo((member % 2 == 0 ? -1 : 1) * .01 * (1 + member % 3), within(1e-6));
            for (int c = 0; c < space.r(); c++) {
                u[member * space.r() + c] = m[i * (space.r() + 1) + c] / bias;
            }
        }
        float[] x = rows.lift(u, MEMBERS);
        for (int i = 0; i < x.length; i++) {
            assertThat((double) x[i]).isCloseTo(planted.members()[i], within(1e-3));
        }
    }

    /** The true gates, then twenty random ones for each. */
    private GatePatterns withDecoys() {
        GatePatterns pool = new GatePatterns(space.neurons());
        for (boolean[] gates : planted.gates()) {
            pool.add(GatePatterns.pack(gates), space.misfit(GatePatterns.pack(gates)));
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20 * MEMBERS; i++) {
            long[] gates = {random.nextLong(), random.nextLong() >>> 8};
            pool.add(gates, space.misfit(gates));
        }
        return pool;
    }

    @Test
    void refusesPatternsOfAnotherHead() {
        GatePursuit pursuit = new GatePursuit(planted.head(), rows, MEMBERS, Device.cpu(), 1);
        Map<String, Tensor> other = Map.of("patterns", Tensor.ofLongs(new long[9], 3, 3));

        assertThatThrownBy(() -> pursuit.finish(List.of(other), Candidates.none(40), Progress.SILENT))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("expected 2 words");
    }

    @Test
    void findsTwiceWhatDifferencesFindInATrainedHead() {
        HeadFixture food = HeadFixture.read("food2");
        GatePursuit pursuit = new GatePursuit(food.head(), RowSpace.of(food.head()), food.n(), Device.cpu(), 0);
        Candidates differences = NeuronDifferences.find(food.head(), food.n(), 8);

        Pursued pursued =
                pursuit.finish(List.of(pursuit.start(0, 500, 500, Progress.SILENT)), differences, Progress.SILENT);
        Candidates found = pursued.candidates();

        assertThat(food.matched(found, .75)).isGreaterThanOrEqualTo(40);
        assertThat(food.matched(found, .9)).isGreaterThanOrEqualTo(20);
        // 11 rounds refine the points of two ridges by 300 steps.
        assertThat(pursued.iterations()).isEqualTo(11L * 2 * found.n() * 300);
    }
}
