package dev.palimpsest.select.cluster;

import java.util.Comparator;
import java.util.List;

/**
 * The order in which representatives deserve an inversion, which is the expensive step.
 *
 * <p>By the scores of {@link Representatives}; clusters whose candidates have scores of their own come before those that have none, as the
 * two scales are not comparable. Equal scores keep the order of first appearance.
 */
public final class Ranking {
    /** Candidates at this cosine and above are one, unless the spec says otherwise; different photographs of one dish reach about .8. */
    public static final double SAME = .85;

    private static final Comparator<Representative> BEST_FIRST = Comparator.comparing(Representative::scored)
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
