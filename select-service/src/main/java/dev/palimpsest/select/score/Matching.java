package dev.palimpsest.select.score;

import dev.palimpsest.select.cluster.UnitVectors;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Members and representatives paired one to one with the largest total cosine (Hungarian), so that a class mean near many members
 * counts once.
 *
 * @param representative {@code [n]} the row matched to each member, -1 for none
 * @param cosine {@code [n]} its cosine, -1 for none
 * @param nearest {@code [k]} for each representative the closest member, not one to one; -1 without members
 * @param nearestCosine {@code [k]} its cosine, -1 without members
 */
public record Matching(int[] representative, double[] cosine, int[] nearest, double[] nearestCosine) {

    /**
     * Matches; deterministic.
     *
     * @param members {@code [n, d]}, any length but zero
     * @param representatives {@code [k, d]}, likewise; {@code k} may be below or above {@code n}
     * @param what name of the members in error messages: the same is done with controls
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link UnitVectors#of}
     */
    public static Matching match(float[] members, int n, float[] representatives, int k, int d, String what) {
        double[] a = UnitVectors.of(members, n, d, what);
        double[] b = UnitVectors.of(representatives, k, d, "representatives");
        double[][] cosines = new double[n][k];
        int[] nearest = new int[k];
        double[] nearestCosine = new double[k];
        Arrays.fill(nearest, -1);
        Arrays.fill(nearestCosine, -1);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < k; j++) {
                double cosine = dot(a, i * d, b, j * d, d);
                cosines[i][j] = cosine;
                if (nearest[j] < 0 || cosine > nearestCosine[j]) {
                    nearest[j] = i;
                    nearestCosine[j] = cosine;
                }
            }
        }
        int[] columns = contenders(cosines, n, k);
        double[][] gain = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] row = cosines[i];
            gain[i] = Arrays.stream(columns).mapToDouble(j -> row[j]).toArray();
        }
        int[] pairs = Assignment.maximise(gain, columns.length);
        int[] representative = new int[n];
        double[] cosine = new double[n];
        for (int i = 0; i < n; i++) {
            representative[i] = pairs[i] < 0 ? -1 : columns[pairs[i]];
            cosine[i] = pairs[i] < 0 ? -1 : cosines[i][representative[i]];
        }
        return new Matching(representative, cosine, nearest, nearestCosine);
    }

    /** Four partial sums: additions that need not wait for each other. */
    private static double dot(double[] a, int i, double[] b, int j, int d) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int k = 0;
        for (; k + 4 <= d; k += 4) {
            s0 += a[i + k] * b[j + k];
            s1 += a[i + k + 1] * b[j + k + 1];
            s2 += a[i + k + 2] * b[j + k + 2];
            s3 += a[i + k + 3] * b[j + k + 3];
        }
        for (; k < d; k++) {
            s0 += a[i + k] * b[j + k];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /**
     * Columns that an optimal matching may use: the {@code n} best of each of {@code n} rows suffice, since at most {@code n - 1} of
     * them go to other rows.
     */
    private static int[] contenders(double[][] cosines, int n, int k) {
        if (k <= n) {
            return IntStream.range(0, k).toArray();
        }
        boolean[] keep = new boolean[k];
        for (double[] row : cosines) {
            double[] sorted = row.clone();
            Arrays.sort(sorted);
            double nth = sorted[k - n];
            for (int j = 0; j < k; j++) {
                keep[j] |= row[j] >= nth;
            }
        }
        return IntStream.range(0, k).filter(j -> keep[j]).toArray();
    }
}
