package dev.palimpsest.select.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that are dropped early have no edge: the components are those of all pairs, computed in float64. */
final class SimilarityGraphTest {
    /** Wide enough for several looks, more points than a block has columns, an odd number of rows. */
    private static final int N = 1_101;

    @ParameterizedTest(name = "width {0}, noise {1}, decay {2}")
    @CsvSource({"40, .3, 0", "96, .3, 0", "203, .33, 0", "203, .33, 3", "384, .34, 8"})
    void componentsAreThoseOfAllPairs(int d, double noise, double decay) {
        float[] points = points(d, noise, decay);
        double[] lengths = UnitVectors.lengths(points, N, d, "points");
        int[] expected = allPairs(UnitVectors.of(points, N, d, "points"), d, .9);
        assertThat(SimilarityGraph.components(points, lengths, d, .9, 2)).isEqualTo(expected);
        // The noise is chosen such that the threshold cuts through the clusters.
        assertThat(Arrays.stream(expected).distinct().count()).isBetween(N / 4L, N * 19L / 20);
    }

    /** Groups of three; coordinates lose weight as they go on, so that their order matters. */
    private static float[] points(int d, double noise, double decay) {
        Random random = new Random(d);
        float[] points = new float[N * d];
        double[] centre = new double[d];
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < d; k++) {
                if (i % 3 == 0) {
                    centre[k] = random.nextGaussian();
                }
                points[i * d + k] =
                        (float) ((centre[k] + noise * random.nextGaussian()) * Math.exp(-decay * (d - k) / d));
            }
        }
        return points;
    }

    private static int[] allPairs(double[] unit, int d, double minCosine) {
        UnionFind sets = new UnionFind(N);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < i; j++) {
                double cosine = 0;
                for (int k = 0; k < d; k++) {
                    cosine += unit[i * d + k] * unit[j * d + k];
                }
                if (cosine >= minCosine) {
                    sets.union(i, j);
                }
            }
        }
        int[] roots = new int[N];
        for (int i = 0; i < N; i++) {
            roots[i] = sets.find(i);
        }
        return roots;
    }
}
