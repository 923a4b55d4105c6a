package dev.palimpsest.select.cluster;

import java.util.Comparator;
import java.util.List;

/**
 * The order in which representatives deserve an inversion, which is the expensive step.
 *
 * <p>First those with a score from their own method (gate pursuit, neuron differences: most of their first picks are right), by that
 * score; then the optimiser's clusters, by {@code distinct trials * mean inner cosine * sum of |lambda|}. The two scales are not
 * comparable, hence no mixing. Equal scores keep the order of first appearance.
 */
public final class Ranking {
    /**
     * Agreement of independent trials counts more than any score of one of them: on the quick demonstration all 11 representatives found
     * by both differences and pursuit were members (cosine .87 and above), of the 8 best scores only 5.
     */
    private static final Comparator<Representative> BEST_FIRST = Comparator.comparing(Representative::scored)
            .thenComparingInt(representative -> representative.scored() ? representative.trials() : 0)
            .thenComparingDouble(Representative::score)
            .reversed();

    private Ranking() {}

    /**
     * Clusters, represents and ranks in one go.
     *
     * @param minCosine candidates whose clusters' average cosine is above this are taken for one point
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link AverageLinkage#cluster}; see {@link Candidates#usable}
     */
    public static List<Representative> rank(Candidates candidates, double minCosine, int threads) {
        long[] labels = AverageLinkage.cluster(candidates.x(), candidates.n(), candidates.d(), minCosine, threads);
        return rank(Representatives.of(candidates, labels));
    }

    /** Best first; the given list is not changed. */
    public static List<Representative> rank(List<Representative> representatives) {
        return representatives.stream().sorted(BEST_FIRST).toList();
    }

    /** The vectors of ranked representatives as one matrix {@code [k, d]}, row-major. */
    public static float[] matrix(List<Representative> ranked, int d) {
        float[] matrix = new float[ranked.size() * d];
        for (int i = 0; i < ranked.size(); i++) {
            System.arraycopy(ranked.get(i).x(), 0, matrix, i * d, d);
        }
        return matrix;
    }
}
