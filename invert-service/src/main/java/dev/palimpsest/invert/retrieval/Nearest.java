package dev.palimpsest.invert.retrieval;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a gallery whose embeddings r have the highest {@code cos((r - mean) / std, x)}: the same space in which pictures are made.
 *
 * <p>Exact: every row is read once, in blocks, and compared in double precision; O(n d) time, one block of memory a thread. The result does
 * not depend on the number of threads. Rows that are zero or not finite point nowhere and are passed over.
 */
public final class Nearest {
    private static final int BLOCK_FLOATS = 1 << 20;

    private Nearest() {}

    /**
     * One sample.
     *
     * @param row in the gallery
     * @param name of the sample; {@code #row} when it has none
     * @param cosine in the space of the embedding that was asked for
     */
    public record Hit(int row, String name, double cosine) {}

    private record Found(int row, double cosine) {}

    private static final Comparator<Found> BEST_FIRST =
            Comparator.comparingDouble(Found::cosine).reversed().thenComparingInt(Found::row);

    /**
     * Searches the whole gallery.
     *
     * @param x {@code [d]} in the normaliser's space (raw without one)
     * @param normaliser of the head; null: raw embeddings are compared
     * @param most how many to give
     * @return the closest first; of equals, the one that comes first in the gallery
     * @throws PalimpsestException {@code SHAPE_MISMATCH} when widths differ; {@code NOT_FINITE} or {@code BAD_DATA} when x points nowhere or
     *     no row can be used
     */
    public static List<Hit> find(Gallery gallery, @Nullable Normaliser normaliser, double[] x, int most, int threads) {
        check(gallery, normaliser, x);
        Direction direction = new Direction(normaliser, x);
        int n = gallery.size();
        List<Found> best = new ArrayList<>();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<Found>>> parts = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int from = (int) ((long) n * t / threads);
                int to = (int) ((long) n * (t + 1) / threads);
                parts.add(workers.submit(() -> search(gallery, direction, from, to, most)));
            }
            for (Future<List<Found>> part : parts) {
                best.addAll(part.get());
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            workers.shutdownNow();
        }
        if (best.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "No row of the gallery " + gallery.origin()
                            + " is a finite embedding other than zero. Embed it again.");
        }
        best.sort(BEST_FIRST);
        List<Found> kept = best.subList(0, Math.min(most, best.size()));
        List<String> names = gallery.names(kept.stream().map(Found::row).toList());
        List<Hit> hits = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            hits.add(new Hit(kept.get(i).row(), names.get(i), kept.get(i).cosine()));
        }
        return hits;
    }

    private static List<Found> search(Gallery gallery, Direction direction, int from, int to, int most) {
        int d = gallery.width();
        int rows = Math.max(1, BLOCK_FLOATS / d);
        float[] block = new float[Math.multiplyExact(Math.min(rows, Math.max(1, to - from)), d)];
        PriorityQueue<Found> best = new PriorityQueue<>(BEST_FIRST.reversed());
        for (int first = from; first < to; first += rows) {
            int count = Math.min(rows, to - first);
            gallery.read(first, count, block);
            for (int i = 0; i < count; i++) {
                double cosine = direction.cosine(block, i * d);
                if (!Double.isFinite(cosine)) {
                    continue;
                }
                if (best.size() < most) {
                    best.add(new Found(first + i, cosine));
                } else if (cosine > best.element().cosine()) {
                    best.remove();
                    best.add(new Found(first + i, cosine));
                }
            }
        }
        return new ArrayList<>(best);
    }

    /** The unit vector that is asked for, and how rows get into its space: {@code r * factor + offset}. */
    private static final class Direction {
        private final double[] unit;
        private final double[] factor;
        private final double[] offset;

        Direction(@Nullable Normaliser normaliser, double[] x) {
            int d = x.length;
            unit = new double[d];
            factor = new double[d];
            offset = new double[d];
            double length = length(x);
            double[] mean = normaliser == null ? new double[d] : normaliser.mean();
            double[] std = normaliser == null ? null : normaliser.std();
            for (int j = 0; j < d; j++) {
                unit[j] = x[j] / length;
                factor[j] = std == null ? 1 : 1 / std[j];
                offset[j] = -mean[j] * factor[j];
            }
        }

        /** NaN for a row that points nowhere. Two sums each, which do not wait for one another. */
        double cosine(float[] rows, int at) {
            double dot0 = 0;
            double dot1 = 0;
            double square0 = 0;
            double square1 = 0;
            int j = 0;
            for (; j + 1 < unit.length; j += 2) {
                double a = rows[at + j] * factor[j] + offset[j];
                double b = rows[at + j + 1] * factor[j + 1] + offset[j + 1];
                dot0 += a * unit[j];
                dot1 += b * unit[j + 1];
                square0 += a * a;
                square1 += b * b;
            }
            if (j < unit.length) {
                double a = rows[at + j] * factor[j] + offset[j];
                dot0 += a * unit[j];
                square0 += a * a;
            }
            return (dot0 + dot1) / Math.sqrt(square0 + square1);
        }
    }

    private static void check(Gallery gallery, @Nullable Normaliser normaliser, double[] x) {
        int d = gallery.width();
        if (x.length != d) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The embedding has %d numbers, but the gallery %s has rows of %d. Embed the gallery with the same backbone."
                            .formatted(x.length, gallery.origin(), d));
        }
        if (normaliser != null && normaliser.width() != d) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The normaliser is for %d features, but the gallery %s has rows of %d. Use the normaliser of the same backbone."
                            .formatted(normaliser.width(), gallery.origin(), d));
        }
        double length = length(x);
        if (!Double.isFinite(length)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FINITE, "The embedding has numbers that are not finite. Make the embedding again.");
        }
        if (length == 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "The embedding is zero: it points nowhere, and nothing is nearest to it.");
        }
    }

    private static double length(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
