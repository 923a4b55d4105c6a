package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
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
        int d = planted.head().inputs();
        for (int i = 0; i < MEMBERS; i++) {
            int member = choice.chosen()[i];
            double bias = m[i * (d + 1) + d];
            assertThat(bias).isCloseTo((member % 2 == 0 ? -1 : 1) * .01 * (1 + member % 3), within(1e-6));
            for (int c = 0; c < d; c++) {
                assertThat(m[i * (d + 1) + c] / bias).isCloseTo(planted.members()[member * d + c], within(1e-3));
            }
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

        assertThatThrownBy(() -> pursuit.pool(List.of(other), Candidates.none(40), Progress.SILENT))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("expected 2 words");
    }

    @Test
    void anExchangeComesToTheSameAsANewRegression() {
        GatePatterns pool = withDecoys();
        PatternRegression exchanged = new PatternRegression(space, pool);
        PatternRegression fresh = new PatternRegression(space, pool);

        exchanged.reset(new int[] {9, 1, 2, 3, 30, 5});
        PatternRegression.Added tried = exchanged.without(0).add(4);
        exchanged.exchange(0, 4);
        exchanged.exchange(4, 60);
        exchanged.exchange(4, 7);
        fresh.reset(new int[] {4, 1, 2, 3, 30, 5});
        assertThat(tried.bias()).isCloseTo(fresh.bias(0), within(1e-12));
        assertThat(tried.z()).containsExactly(fresh.activations(0), within(1e-9));

        fresh.reset(new int[] {4, 1, 2, 3, 7, 5});
        for (int j = 0; j < 6; j++) {
            assertThat(exchanged.bias(j)).isCloseTo(fresh.bias(j), within(1e-12));
            assertThat(exchanged.activations(j)).containsExactly(fresh.activations(j), within(1e-9));
        }
        int[] replacements = fresh.without(2).replacements(20, .3);
        assertThat(exchanged.without(2).replacements(20, .3)).containsExactly(replacements);
    }

    @Test
    void findsTwiceWhatDifferencesFindInATrainedHead() {
        HeadFixture food = HeadFixture.read("food2");
        GatePursuit pursuit = new GatePursuit(food.head(), RowSpace.of(food.head()), food.n(), Device.cpu(), 0);
        Candidates differences = NeuronDifferences.find(food.head(), food.n(), 8);

        Map<String, Tensor> pool =
                pursuit.pool(List.of(pursuit.start(0, 500, 500, Progress.SILENT)), differences, Progress.SILENT);
        Candidates found = pursuit.trial(0, pool, Progress.SILENT);

        Candidates consistent = best(found, 30);
        assertThat(consistent.score()[29]).isGreaterThan(.5);
        assertThat(food.matched(consistent, .75)).isGreaterThanOrEqualTo(24);
        assertThat(food.matched(found, .75)).isGreaterThanOrEqualTo(45);
        assertThat(food.matched(found, .9)).isGreaterThanOrEqualTo(25);
        assertThat(food.matched(pursuit.trial(1, pool, Progress.SILENT), .75)).isGreaterThanOrEqualTo(40);
    }

    private static Candidates best(Candidates all, int n) {
        return new Candidates(
                n,
                all.d(),
                Arrays.copyOf(all.x(), n * all.d()),
                Arrays.copyOf(all.trial(), n),
                Arrays.copyOf(all.multiplier(), n),
                Arrays.copyOf(all.label(), n),
                Arrays.copyOf(all.score(), n));
    }
}
