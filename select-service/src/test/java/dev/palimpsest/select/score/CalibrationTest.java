package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static final float[] MEMBERS = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    private static final float[] CONTROLS = {-1, 0, 0, 0, -1, 0, 0, 0, -1};

    @Test
    void aMeanNearManyMembersCountsOnce() {
        float[] nearlyAll = {1, 1, 1, 2, 0.1f, 0};
        Matching m = Matching.match(MEMBERS, 3, nearlyAll, 2, 3, "members");
        assertThat(m.representative()).containsExactly(1, 0, -1);
        assertThat(m.cosine()[0]).isCloseTo(2 / Math.sqrt(4.01), within(1e-7));
        assertThat(m.cosine()[1]).isCloseTo(1 / Math.sqrt(3), within(1e-12));
        assertThat(m.cosine()[2]).isEqualTo(-1);
        assertThat(m.nearest()).containsExactly(0, 0);
        assertThat(m.nearestCosine()[1]).isCloseTo(2 / Math.sqrt(4.01), within(1e-7));
    }

    @Test
    void droppingHopelessRepresentativesDoesNotChangeTheTotal() {
        Random random = new Random(3);
        float[] members = gaussian(random, 8 * 5);
        float[] representatives = gaussian(random, 60 * 5);
        double all = total(Matching.match(members, 8, representatives, 60, 5, "members"));
        double[][] gain = new double[8][60];
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 60; j++) {
                gain[i][j] = cosine(members, i, representatives, j, 5);
            }
        }
        int[] pairs = Assignment.maximise(gain, 60);
        double full = 0;
        for (int i = 0; i < 8; i++) {
            full += gain[i][pairs[i]];
        }
        assertThat(all).isCloseTo(full, within(1e-9));
    }

    @Test
    void scoresMembersAgainstControls() {
        float[] representatives = {1, 0.1f, 0, 0, 1, 0.4f, -0.6f, -0.6f, 0.2f};
        Score score = Calibration.score(representatives, 3, MEMBERS, 3, CONTROLS, 3, 3, new double[] {0.97, 0.8, 0.5});
        assertThat(score.matched()).isEqualTo(Map.of("0.75", 2, "0.9", 2, "0.95", 1));
        assertThat(score.recoverable()).isEqualTo(Map.of("0.75", 2, "0.9", 1, "0.95", 1));
        assertThat(score.nullMatched()).isEqualTo(Map.of("0.75", 0, "0.9", 0, "0.95", 0));
        assertThat(score.nullMax()).isCloseTo(0.6 / Math.sqrt(0.76), within(1e-6));
        assertThat(score.tprAtFpr1()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(score.matchedInterval().get("0.75").low()).isBetween(0.0, 2.0);
        assertThat(score.matchedInterval().get("0.75").high()).isEqualTo(3);
        assertThat(score.memberCosines()).hasSize(3);
    }

    @Test
    void identicalInputGivesIdenticalIntervals() {
        Random random = new Random(5);
        float[] members = gaussian(random, 40 * 6);
        float[] controls = gaussian(random, 90 * 6);
        float[] representatives = gaussian(random, 70 * 6);
        Score first = Calibration.score(representatives, 70, members, 40, controls, 90, 6, null);
        assertThat(Calibration.score(representatives, 70, members, 40, controls, 90, 6, null))
                .isEqualTo(first);
        assertThat(first.controls()).isEqualTo(40);
        // Random against random: nothing is told apart.
        assertThat(first.auc()).isBetween(0.35, 0.65);
        assertThat(first.aucInterval().low()).isLessThan(first.auc());
        assertThat(first.aucInterval().high()).isGreaterThan(first.auc());
    }

    @Test
    void controlsAreSpacedAsLinspaceDoes() {
        float[] hundred = new float[10];
        for (int i = 0; i < 10; i++) {
            hundred[i] = i;
        }
        // numpy: linspace(0, 9, 4).astype(int) = 0, 3, 6, 9; linspace(0, 9, 6).astype(int) = 0, 1, 3, 5, 7, 9
        assertThat(Calibration.evenlySpaced(hundred, 10, 1, 4)).containsExactly(0, 3, 6, 9);
        assertThat(Calibration.evenlySpaced(hundred, 10, 1, 6)).containsExactly(0, 1, 3, 5, 7, 9);
        assertThat(Calibration.evenlySpaced(hundred, 10, 1, 1)).containsExactly(0);
    }

    @Test
    void discriminationIsThatOfTheDefinitions() {
        double[] controls = new double[100];
        for (int i = 0; i < 100; i++) {
            controls[i] = i / 100.0;
        }
        double[] members = {0.979, 0.985, 0.995, 0.5, 0.945};
        // One control of 100 may be above: the threshold is the second largest, 0.98; at 5 % it is 0.94.
        assertThat(Discrimination.tprAt(0.01, members, controls)).isCloseTo(0.4, within(1e-12));
        assertThat(Discrimination.tprAt(0.05, members, controls)).isCloseTo(0.8, within(1e-12));
        assertThat(Discrimination.auc(new double[] {0.5, 0.9}, new double[] {0.5, 0.1}))
                .isCloseTo(0.875, within(1e-12));
    }

    @Test
    void withoutRepresentativesNothingIsMatched() {
        Score score = Calibration.score(new float[0], 0, MEMBERS, 3, CONTROLS, 3, 3, null);
        assertThat(score.matched()).isEqualTo(Map.of("0.75", 0, "0.9", 0, "0.95", 0));
        assertThat(score.nullMax()).isEqualTo(-1);
        assertThat(score.tprAtFpr1()).isZero();
        assertThat(score.auc()).isEqualTo(0.5);
    }

    @Test
    void isWrittenUnderItsFieldNames() {
        ObjectMapper json = new ObjectMapper();
        JsonNode full =
                json.valueToTree(Calibration.score(MEMBERS, 3, MEMBERS, 3, CONTROLS, 3, 3, new double[] {1, 1, 1}));
        assertThat(full.get("matched").get("0.75").asInt()).isEqualTo(3);
        assertThat(full.get("tprAtFpr1").asDouble()).isEqualTo(1);
        assertThat(full.get("nullMax").asDouble()).isEqualTo(0);
        assertThat(full.get("aucInterval").get("low").asDouble()).isEqualTo(1);
        JsonNode bare = json.valueToTree(Calibration.score(MEMBERS, 3, MEMBERS, 3, null, 0, 3, null));
        assertThat(bare.fieldNames())
                .toIterable()
                .containsExactly(
                        "representatives",
                        "members",
                        "controls",
                        "matched",
                        "matchedInterval",
                        "medianMatched",
                        "precision",
                        "memberCosines");
    }

    @Test
    void saysWhatIsWrongWithItsInput() {
        assertFails(
                () -> Calibration.score(MEMBERS, 3, new float[0], 0, null, 0, 3, null), ErrorCode.BAD_DATA, "members:");
        assertFails(
                () -> Calibration.score(MEMBERS, 3, MEMBERS, 3, new float[4], 2, 3, null),
                ErrorCode.SHAPE_MISMATCH,
                "controls: expected a matrix [2, 3]");
        assertFails(
                () -> Calibration.score(new float[] {Float.NaN, 0, 0}, 1, MEMBERS, 3, null, 0, 3, null),
                ErrorCode.NOT_FINITE,
                "representatives: row 0 of 1");
        assertFails(
                () -> Calibration.score(MEMBERS, 3, MEMBERS, 3, null, 0, 3, new double[] {1}),
                ErrorCode.SHAPE_MISMATCH,
                "bounds: expected 3, one per member, found 1");
    }

    private static void assertFails(Runnable call, ErrorCode code, String message) {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(call::run)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private static float[] gaussian(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double total(Matching matching) {
        double total = 0;
        for (double cosine : matching.cosine()) {
            total += cosine;
        }
        return total;
    }

    private static double cosine(float[] a, int i, float[] b, int j, int d) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int k = 0; k < d; k++) {
            ab += (double) a[i * d + k] * b[j * d + k];
            aa += (double) a[i * d + k] * a[i * d + k];
            bb += (double) b[j * d + k] * b[j * d + k];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void precisionCountsTheFirstRepresentativesInTheirOrder() {
        float[] member = {1, 2, -1};
        float[] representatives = new float[12 * 3];
        for (int i = 0; i < 12; i++) {
            for (int k = 0; k < 3; k++) {
                representatives[i * 3 + k] = i < 7 ? member[k] : -member[k];
            }
        }

        Score score = Calibration.score(representatives, 12, member, 1, null, 0, 3, null);

        assertThat(score.precision()).containsExactly(Map.entry("10", .7));
    }
}
