package dev.palimpsest.select.score;

import dev.palimpsest.select.cluster.Candidates;
import dev.palimpsest.select.cluster.UnitVectors;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * What a choice that looks at members would have kept: {@code best_i = max_j cos(member_i, candidate_j)} over all candidates j, before any
 * clustering or ranking. So arXiv 2407.15845 counts first. An attacker can't: he has no members. Beside the count of {@link Calibration} it says
 * what choosing blindly costs, or, since a cluster's mean may be nearer than any of its candidates, gains.
 *
 * <p>Not one to one: a candidate between two members serves both. Controls are chosen for in the same way, or many candidates would look like success.
 *
 * @param candidates how many there were to choose from
 * @param matched members whose best is above each of {@link Thresholds}
 * @param matchedControls likewise of the controls that {@link Calibration} uses: at most as many as members
 * @param nullMax the best of all controls, -1 without candidates
 */
public record BestOfAll(
        int candidates, Map<String, Integer> matched, Map<String, Integer> matchedControls, double nullMax) {

    /**
     * Counts, in {@code k (n + c) d} multiply-adds of float64.
     *
     * @param candidates {@code [k, d]}, {@link Candidates#usable}; k may be 0
     * @param members {@code [n, d]}, any length but zero
     * @param controls {@code [c, d]}, likewise
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link UnitVectors#of}
     */
    public static BestOfAll of(Candidates candidates, float[] members, int n, float[] controls, int c) {
        int used = Math.min(n, c);
        double[] best = best(candidates, members, n, "members");
        double[] chance =
                best(candidates, Calibration.evenlySpaced(controls, c, candidates.d(), used), used, "controls");
        return new BestOfAll(
                candidates.n(),
                Thresholds.countAbove(best),
                Thresholds.countAbove(chance),
                Arrays.stream(chance).max().orElse(-1));
    }

    /** {@code [n]}, -1 without candidates. */
    private static double[] best(Candidates candidates, float[] points, int n, String what) {
        int d = candidates.d();
        double[] unit = UnitVectors.of(points, n, d, what);
        double[][] columns = new double[d][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < d; k++) {
                columns[k][i] = unit[i * d + k];
            }
        }
        double[] best = new double[n];
        Arrays.fill(best, -1);
        double[] products = new double[n];
        for (int j = 0; j < candidates.n(); j++) {
            Arrays.fill(products, 0);
            double squared = 0;
            for (int k = 0; k < d; k++) {
                double x = candidates.x()[j * d + k];
                squared += x * x;
                add(products, columns[k], x);
            }
            double length = Math.sqrt(squared);
            for (int i = 0; i < n; i++) {
                best[i] = Math.max(best[i], products[i] / length);
            }
        }
        return best;
    }

    /** A loop of its own over whole arrays, which the JVM turns into vector instructions. */
    private static void add(double[] products, double[] column, double x) {
        for (int i = 0; i < products.length; i++) {
            products[i] += x * column[i];
        }
    }

    /** The count above cosine .9 in words. */
    public String sentence(int members, int kept) {
        return String.format(
                Locale.ROOT,
                "Had the choice looked at members, the best of all %d candidates for each, %d of %d would be above cosine 0.9, and %d controls;"
                        + " the representatives, chosen without looking, have %d.",
                candidates,
                matched.getOrDefault("0.9", 0),
                members,
                matchedControls.getOrDefault("0.9", 0),
                kept);
    }
}
