package dev.palimpsest.select.cluster;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Exact average-linkage clustering of directions at a cosine threshold.
 *
 * <p>Merges the two clusters of largest average cosine while that is above {@code minCosine}: the partition of
 * scikit-learn's {@code AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average",
 * distance_threshold=1 - minCosine)}, whose rule is the same (a distance at the threshold is not merged).
 *
 * <p>An average above the threshold needs one pair above it, so clusters form only inside the components of the graph
 * of such pairs ({@link SimilarityGraph}, {@code n^2 d / 2} float32 operations), and each component is clustered alone in float64
 * ({@link NearestNeighbourChain}). Memory beside the points is once their size for the graph, then at most twice for the sums; time is worst when a low
 * threshold leaves one large component of size c: about {@code 1.5 c^2 d}.
 */
public final class AverageLinkage {
    private AverageLinkage() {}

    /**
     * Labels of the clusters, numbered by first appearance; the same for any number of threads.
     *
     * @param points {@code [n, d]} row-major, of any length but zero
     * @param minCosine from -1 to 1
     * @param threads how many threads to use, at least 1
     * @return {@code [n]}
     * @throws PalimpsestException SHAPE_MISMATCH, NOT_FINITE or BAD_DATA (a row of zeros) as in {@link UnitVectors#of}; USAGE for a
     *     threshold or a number of threads out of range; BAD_DATA when there are too many points for one machine's arrays
     */
    public static long[] cluster(float[] points, int n, int d, double minCosine, int threads) {
        if (!(minCosine >= -1 && minCosine <= 1)) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "threshold: expected a cosine from -1 to 1, found %s; for a distance t give 1 - t"
                            .formatted(minCosine));
        }
        if (threads < 1) {
            throw new PalimpsestException(ErrorCode.USAGE, "threads: expected at least 1, found " + threads);
        }
        UnitVectors.requireShape(points, n, d, "points");
        requireMemory(n, d);
        double[] lengths = UnitVectors.lengths(points, n, d, "points");
        int[] components = SimilarityGraph.components(points, lengths, d, minCosine, threads);
        int[] roots = new int[n];
        List<int[]> large = members(components, roots);
        AtomicInteger next = new AtomicInteger();
        Workers.run(Math.max(1, Math.min(threads, large.size())), () -> {
            for (int t = next.getAndIncrement(); t < large.size(); t = next.getAndIncrement()) {
                int[] members = large.get(t);
                int[] inside = NearestNeighbourChain.cluster(points, lengths, members, d, minCosine);
                for (int i = 0; i < members.length; i++) {
                    roots[members[i]] = members[inside[i]];
                }
            }
        });
        return number(roots);
    }

    /** Points of each component, largest first so that threads end together; components of one point are their own root. */
    private static List<int[]> members(int[] components, int[] roots) {
        Map<Integer, List<Integer>> byRoot = new LinkedHashMap<>();
        for (int i = 0; i < components.length; i++) {
            byRoot.computeIfAbsent(components[i], r -> new ArrayList<>()).add(i);
            roots[i] = i;
        }
        return byRoot.values().stream()
                .filter(m -> m.size() > 1)
                .map(m -> m.stream().mapToInt(Integer::intValue).toArray())
                .sorted((a, b) -> Integer.compare(b.length, a.length))
                .toList();
    }

    private static long[] number(int[] roots) {
        long[] labels = new long[roots.length];
        Map<Integer, Long> numbers = new LinkedHashMap<>();
        for (int i = 0; i < roots.length; i++) {
            Long known = numbers.putIfAbsent(roots[i], (long) numbers.size());
            labels[i] = known == null ? numbers.size() - 1 : known;
        }
        return labels;
    }

    /** The float64 sums of one component of all points; before them the graph has float32. */
    static void requireMemory(int n, int d) {
        Runtime runtime = Runtime.getRuntime();
        long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        long need = 8L * n * d;
        if (need > free) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "points: clustering [%d, %d] needs about %d MiB of memory, %d MiB are free; give Java a larger heap (-Xmx) or cluster fewer points"
                            .formatted(n, d, need >> 20, free >> 20));
        }
    }
}
