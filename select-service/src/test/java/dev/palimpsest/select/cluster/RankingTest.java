package dev.palimpsest.select.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankingTest {
    private static final double NONE = Double.NaN;

    @Test
    void aClusterIsItsMeanDirectionAtItsMedianLength() {
        Candidates two = new Candidates(
                2,
                2,
                new float[] {3, 0, 0, 1},
                new int[] {4, 9},
                new double[] {0.5, -0.25},
                new int[] {1, 0},
                new double[] {NONE, NONE});
        Representative r = Representatives.of(two, new long[] {0, 0}).get(0);
        // Mean direction (1, 1)/sqrt 2, median length 2; two trials, inner cosine 0, |lambda| sums to 0.75.
        assertThat(r.x()[0]).isCloseTo((float) Math.sqrt(2), within(1e-6f));
        assertThat(r.x()[1]).isCloseTo((float) Math.sqrt(2), within(1e-6f));
        assertThat(r.coherence()).isCloseTo(0, within(1e-12));
        assertThat(r)
                .extracting(
                        Representative::trials,
                        Representative::candidates,
                        Representative::multipliers,
                        Representative::label)
                .containsExactly(2, 2, 0.75, 1);
    }

    @Test
    void trialsThatAgreeOutrankOneThatRepeatsItself() {
        Candidates five = new Candidates(
                5,
                2,
                new float[] {1, 0, 1, 0, 1, 0, 0, 1, 0, 1},
                new int[] {0, 0, 0, 1, 2},
                new double[] {0.3, 0.3, 0.3, 0.3, 0.3},
                new int[] {0, 0, 0, 1, 1},
                new double[] {NONE, NONE, NONE, NONE, NONE});
        List<Representative> ranked = Ranking.rank(five, 0.9, 1);
        assertThat(ranked).extracting(Representative::label).containsExactly(1, 0);
        assertThat(ranked.get(0).score()).isCloseTo(2 * 1 * 0.6, within(1e-12));
        assertThat(ranked.get(1).score()).isCloseTo(1 * 1 * 0.9, within(1e-12));
        assertThat(Ranking.matrix(ranked, 2)).containsExactly(0, 1, 1, 0);
    }

    @Test
    void scoredCandidatesComeFirstAndWeighByTheirScore() {
        Candidates mixed = new Candidates(
                5,
                2,
                new float[] {1, 0, 0.1f, 2, 0, 1, -1, 0, 0, -1},
                new int[] {0, 1, 2, 3, 4},
                new double[] {90, 1, 1, 1, 90},
                new int[] {0, 1, 1, 2, 3},
                new double[] {NONE, 0.7, NONE, -3, NONE});
        List<Representative> ranked = Ranking.rank(mixed, 0.9, 1);
        assertThat(ranked).extracting(Representative::label).containsExactly(1, 2, 0, 3);
        assertThat(ranked).extracting(Representative::scored).containsExactly(true, true, false, false);
        // (0.1, 2) of score .7 weighs .75, (0, 1) without one .05; the median of lengths 2.0025 and 1 is 1.50125.
        double along = 0.75 * 0.1 / Math.hypot(0.1, 2);
        double up = 0.75 * 2 / Math.hypot(0.1, 2) + 0.05;
        double length = (Math.hypot(0.1, 2) + 1) / 2;
        assertThat(ranked.get(0).x()[0]).isCloseTo((float) (along / Math.hypot(along, up) * length), within(1e-6f));
        assertThat(ranked.get(0).x()[1]).isCloseTo((float) (up / Math.hypot(along, up) * length), within(1e-6f));
        assertThat(ranked.get(0))
                .extracting(Representative::score, Representative::candidates)
                .containsExactly(0.7, 2);
    }

    @Test
    void theLabelIsThatOfTheLargestMultiplier() {
        Candidates three = new Candidates(
                3,
                1,
                new float[] {1, 1, 1},
                new int[] {0, 1, 2},
                new double[] {0.1, 0.1, 0.3},
                new int[] {5, 5, 2},
                new double[] {NONE, NONE, NONE});
        assertThat(Representatives.of(three, new long[] {0, 0, 0}))
                .extracting(Representative::label)
                .containsExactly(2);
    }

    @Test
    void usableDropsWhatDivergedAndConcatKeepsOrder() {
        Candidates bad = new Candidates(
                4,
                2,
                new float[] {1, 2, Float.NaN, 1, 0, 0, 3, 4},
                new int[] {0, 1, 2, 3},
                new double[] {1, 2, 3, 4},
                new int[] {0, 1, 0, 1},
                new double[] {NONE, 1, 2, 3});
        Candidates good = bad.usable();
        assertThat(good.n()).isEqualTo(2);
        Candidates twice = Candidates.concat(2, good, good);
        assertThat(twice.x()).containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
        assertThat(twice.trial()).containsExactly(0, 3, 0, 3);
        assertThat(twice.multiplier()).containsExactly(1, 4, 1, 4);
        assertThat(twice.label()).containsExactly(0, 1, 0, 1);
        assertThat(twice.score()).containsExactly(NONE, 3, NONE, 3);
        assertThat(Candidates.concat(3).n()).isZero();
    }

    @Test
    void refusesColumnsOfDifferentLength() {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(() -> new Candidates(
                        1, 1, new float[] {1}, new int[] {0, 1}, new double[] {1}, new int[] {0}, new double[] {NONE}))
                .withMessage("trials: expected 1, one per candidate, found 2")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SHAPE_MISMATCH));
    }

    @Test
    void theBestScoresOfDistinctTrialsAddUp() {
        Candidates five = new Candidates(
                5,
                2,
                new float[] {1, 0, 0, 1, 0.01f, 1, 1, 0, 1, 0},
                new int[] {0, 0, 1, 0, 0},
                new double[] {1, 1, 1, 1, 1},
                new int[] {0, 1, 1, 0, 0},
                new double[] {.9, .6, .7, .8, .8});
        List<Representative> ranked = Ranking.rank(five, 0.9, 1);
        assertThat(ranked).extracting(Representative::label).containsExactly(1, 0);
        assertThat(ranked).extracting(Representative::trials).containsExactly(2, 1);
        assertThat(ranked.get(0).score()).isCloseTo(1.3, within(1e-12));
        assertThat(ranked.get(1).score()).isCloseTo(.9, within(1e-12));
    }
}
