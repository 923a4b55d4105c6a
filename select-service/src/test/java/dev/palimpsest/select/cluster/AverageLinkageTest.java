package dev.palimpsest.select.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AverageLinkageTest {

    /** The definition itself: merge the closest pair of clusters, all averages computed afresh, until none is above the threshold. */
    private static long[] naive(float[] points, int n, int d, double minCosine) {
        double[] unit = UnitVectors.of(points, n, d, "points");
        int[] root = new int[n];
        Arrays.setAll(root, i -> i);
        while (true) {
            double best = minCosine;
            int into = -1;
            int from = -1;
            for (int a = 0; a < n; a++) {
                for (int b = a + 1; b < n; b++) {
                    double average = root[a] == a && root[b] == b ? average(unit, d, root, a, b) : -2;
                    if (average > best) {
                        best = average;
                        into = a;
                        from = b;
                    }
                }
            }
            if (into < 0) {
                return firstAppearance(root);
            }
            int gone = from;
            int kept = into;
            Arrays.setAll(root, i -> root[i] == gone ? kept : root[i]);
        }
    }

    private static double average(double[] unit, int d, int[] root, int a, int b) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < root.length; i++) {
            for (int j = 0; j < root.length; j++) {
                if (root[i] == a && root[j] == b) {
                    pairs++;
                    for (int k = 0; k < d; k++) {
                        sum += unit[i * d + k] * unit[j * d + k];
                    }
                }
            }
        }
        return sum / pairs;
    }

    private static long[] firstAppearance(int[] root) {
        long[] labels = new long[root.length];
        int[] seen = Arrays.stream(root).distinct().toArray();
        Arrays.setAll(labels, i -> {
            int at = 0;
            while (seen[at] != root[i]) {
                at++;
            }
            return at;
        });
        return labels;
    }

    private static float[] groups(long seed, int n, int d, int groups, double noise) {
        Random random = new Random(seed);
        float[] centres = new float[groups * d];
        for (int i = 0; i < centres.length; i++) {
            centres[i] = (float) random.nextGaussian();
        }
        float[] points = new float[n * d];
        for (int i = 0; i < n; i++) {
            int group = random.nextInt(groups);
            double length = Math.exp(random.nextGaussian());
            for (int k = 0; k < d; k++) {
                points[i * d + k] = (float) (length * (centres[group * d + k] + noise * random.nextGaussian()));
            }
        }
        return points;
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 0.9", "2, 5, 0.5", "3, 7, 0.2", "4, 8, -0.2", "5, 3, -1", "6, 1, 0.5", "7, 13, 0.7"})
    void equalsTheDefinition(long seed, int d, double minCosine) {
        float[] points = groups(seed, 60, d, 6, 0.6);
        assertThat(AverageLinkage.cluster(points, 60, d, minCosine, 1)).isEqualTo(naive(points, 60, d, minCosine));
    }

    @Test
    void threadsDoNotChangeTheResult() {
        float[] points = groups(11, 1500, 17, 40, 0.5);
        long[] one = AverageLinkage.cluster(points, 1500, 17, 0.6, 1);
        assertThat(Arrays.stream(one).max().orElseThrow()).isBetween(39L, 1000L);
        assertThat(AverageLinkage.cluster(points, 1500, 17, 0.6, 4)).isEqualTo(one);
    }

    @Test
    void aPairAtTheThresholdIsNotMerged() {
        float[] orthogonal = {1, 0, 0, 2};
        assertThat(AverageLinkage.cluster(orthogonal, 2, 2, 0, 1)).containsExactly(0, 1);
        assertThat(AverageLinkage.cluster(orthogonal, 2, 2, -1e-9, 1)).containsExactly(0, 0);
    }

    @Test
    void lengthDoesNotMatterAndLabelsFollowFirstAppearance() {
        float[] points = {0, 3, 1, 0, 0, 100, 1e-3f, 0, -1, 0};
        assertThat(AverageLinkage.cluster(points, 5, 2, 0.9, 2)).containsExactly(0, 1, 0, 1, 2);
    }

    @Test
    void manyCopiesOfOnePointAreOneCluster() {
        float[] points = new float[700 * 3];
        Arrays.fill(points, 0.1f);
        assertThat(AverageLinkage.cluster(points, 700, 3, 0.999, 2)).containsOnly(0);
    }

    @Test
    void copiesThatDifferInRoundingOnlyAreOneCluster() {
        Random random = new Random(21);
        int n = 900;
        int d = 24;
        float[] three = groups(22, 3, d, 3, 1);
        float[] points = new float[n * d];
        for (int i = 0; i < n; i++) {
            float length = 0.1f + random.nextFloat();
            for (int k = 0; k < d; k++) {
                points[i * d + k] = length * three[i % 3 * d + k];
            }
        }
        long[] expected = new long[n];
        Arrays.setAll(expected, i -> i % 3);
        assertThat(AverageLinkage.cluster(points, n, d, 0.9999, 1)).isEqualTo(expected);
        assertThat(AverageLinkage.cluster(points, n, d, -1, 1)).containsOnly(0);
    }

    @Test
    void noPointsGiveNoLabels() {
        assertThat(AverageLinkage.cluster(new float[0], 0, 4, 0.5, 2)).isEmpty();
    }

    @Test
    void saysWhichRowIsBad() {
        assertFails(new float[] {1, 2, Float.NaN, 1}, 2, 2, ErrorCode.NOT_FINITE, "points: row 1 of 2 holds NaN");
        assertFails(new float[] {0, 0, 1, 1}, 2, 2, ErrorCode.BAD_DATA, "points: row 0 of 2 is all zeros");
        assertFails(new float[] {1, 2, 3}, 2, 2, ErrorCode.SHAPE_MISMATCH, "[2, 2] of 4 numbers");
    }

    private static void assertFails(float[] points, int n, int d, ErrorCode code, String message) {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(() -> AverageLinkage.cluster(points, n, d, 0.5, 1))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, -1.01, Double.NaN})
    void refusesAThresholdThatIsNoCosine(double minCosine) {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(() -> AverageLinkage.cluster(new float[] {1}, 1, 1, minCosine, 1))
                .withMessageContaining("expected a cosine from -1 to 1")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }

    @Test
    void refusesNoThreads() {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(() -> AverageLinkage.cluster(new float[] {1}, 1, 1, 0.5, 0))
                .withMessage("threads: expected at least 1, found 0");
    }

    @Test
    void refusesWhatDoesNotFitIntoMemory() {
        assertThatExceptionOfType(PalimpsestException.class)
                .isThrownBy(() -> AverageLinkage.requireMemory(Integer.MAX_VALUE, 1024))
                .withMessageStartingWith("points: clustering [2147483647, 1024] needs about 16777215 MiB of memory")
                .withMessageContaining("-Xmx")
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
    }
}
