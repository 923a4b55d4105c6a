package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.artifacts.Cosine;
import dev.palimpsest.select.cluster.Candidates;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BestOfAllTest {
    /** (4, 3) has cosine .8 with the first member and .6 with the second; (1, .1) has .995 and .0995. */
    @Test
    void eachMemberHasItsBestCandidate() {
        BestOfAll known = BestOfAll.of(
                candidates(2, 4, 3, 1, .1f), new float[] {7, 0, 0, .5f}, 2, new float[] {-1, 0, 1, 1, 0, -1}, 3);

        assertThat(known.candidates()).isEqualTo(2);
        assertThat(known.matched()).containsExactly(Map.entry("0.75", 1), Map.entry("0.9", 1), Map.entry("0.95", 1));
        // Of three controls the first and the last: as many as members.
        assertThat(known.matchedControls().values()).containsExactly(0, 0, 0);
        assertThat(known.nullMax()).isCloseTo(-.1 / Math.sqrt(1.01), within(1e-7));
    }

    /** What tells it from the count of representatives, which is one to one. */
    @Test
    void oneCandidateServesTwoMembersThatAreAlike() {
        float[] members = {1, 0, 1, .1f};
        float[] controls = {0, 1, 0, -1};

        BestOfAll known = BestOfAll.of(candidates(2, 1, .05f), members, 2, controls, 2);
        Score blind = Calibration.score(new float[] {1, .05f}, 1, members, 2, controls, 2, 2, null);

        assertThat(known.matched()).containsEntry("0.95", 2);
        assertThat(blind.matched()).containsEntry("0.95", 1);
    }

    @Test
    void withoutCandidatesNothingIsMatched() {
        BestOfAll known = BestOfAll.of(candidates(2), new float[] {1, 0}, 1, new float[] {0, 1}, 1);

        assertThat(known.matched().values()).containsOnly(0);
        assertThat(known.nullMax()).isEqualTo(-1);
    }

    @Test
    void itIsTheLargestCosineOfAll() {
        Random random = new Random(3);
        int d = 7;
        float[] x = numbers(random, 50 * d);
        float[] control = numbers(random, d);
        double largest = -1;
        for (int j = 0; j < 50; j++) {
            largest = Math.max(largest, Cosine.of(control, 0, x, j * d, d));
        }

        assertThat(BestOfAll.of(candidates(d, x), numbers(random, d), 1, control, 1)
                        .nullMax())
                .isCloseTo(largest, within(1e-12));
    }

    private static float[] numbers(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static Candidates candidates(int d, float... x) {
        int n = x.length / d;
        double[] none = new double[n];
        Arrays.fill(none, Double.NaN);
        return new Candidates(n, d, x, new int[n], new double[n], new int[n], none);
    }
}
