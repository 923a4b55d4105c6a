package dev.palimpsest.select.cluster;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connected components of the graph whose edges are the pairs with cosine at or above a threshold.
 *
 * <p>All pairs are computed in tiles of a float32 product {@code U U^T}, of which only the upper triangle is needed:
 * {@code n^2 d / 2} multiply-adds, and memory for the points alone. Float32 suffices although the clustering is exact:
 * the threshold is lowered by a bound on the rounding error, {@code (d + 4) 2^-23}, hence no true edge is lost, and an edge
 * too many only joins components that could have been clustered apart.
 */
final class SimilarityGraph {
    private static final int ROWS = 64;
    private static final int COLUMNS = 512;

    private final int n;
    private final int d;
    private final float[] byRow;
    /** Blocks of {@link #COLUMNS} points, each transposed to {@code [d, COLUMNS]} and zero-padded. */
    private final float[][] blocks;

    private final float edge;
    private final UnionFind sets;

    private SimilarityGraph(double[] unit, int n, int d, double minCosine) {
        this.n = n;
        this.d = d;
        this.edge = (float) (minCosine - (d + 4) * 0x1p-23);
        this.sets = new UnionFind(n);
        this.byRow = new float[n * d];
        this.blocks = new float[(n + COLUMNS - 1) / COLUMNS][d * COLUMNS];
        for (int i = 0; i < n; i++) {
            float[] block = blocks[i / COLUMNS];
            for (int k = 0; k < d; k++) {
                float value = (float) unit[i * d + k];
                byRow[i * d + k] = value;
                block[k * COLUMNS + i % COLUMNS] = value;
            }
        }
    }

    /**
     * Components for unit vectors {@code [n, d]}.
     *
     * @return for each point the smallest index in its component, whatever the number of threads
     */
    static int[] components(double[] unit, int n, int d, double minCosine, int threads) {
        SimilarityGraph graph = new SimilarityGraph(unit, n, d, minCosine);
        AtomicInteger next = new AtomicInteger();
        int tasks = (n + ROWS - 1) / ROWS;
        Workers.run(threads, () -> {
            float[] tile = new float[ROWS * COLUMNS];
            for (int t = next.getAndIncrement(); t < tasks; t = next.getAndIncrement()) {
                graph.rows(t * ROWS, tile);
            }
        });
        int[] roots = new int[n];
        for (int i = 0; i < n; i++) {
            roots[i] = graph.sets.find(i);
        }
        return roots;
    }

    private void rows(int first, float[] tile) {
        int last = Math.min(first + ROWS, n);
        for (int block = first / COLUMNS; block < blocks.length; block++) {
            Arrays.fill(tile, 0);
            for (int k = 0; k + 4 <= d; k += 4) {
                for (int i = first; i < last; i++) {
                    addFour(tile, (i - first) * COLUMNS, blocks[block], k * COLUMNS, byRow, i * d + k);
                }
            }
            for (int k = d - d % 4; k < d; k++) {
                for (int i = first; i < last; i++) {
                    addOne(tile, (i - first) * COLUMNS, blocks[block], k * COLUMNS, byRow[i * d + k]);
                }
            }
            join(tile, first, last, block * COLUMNS);
        }
    }

    private static void addFour(float[] out, int to, float[] b, int from, float[] a, int at) {
        float a0 = a[at];
        float a1 = a[at + 1];
        float a2 = a[at + 2];
        float a3 = a[at + 3];
        for (int j = 0; j < COLUMNS; j++) {
            float sum = Math.fma(a0, b[from + j], out[to + j]);
            sum = Math.fma(a1, b[from + COLUMNS + j], sum);
            sum = Math.fma(a2, b[from + 2 * COLUMNS + j], sum);
            out[to + j] = Math.fma(a3, b[from + 3 * COLUMNS + j], sum);
        }
    }

    private static void addOne(float[] out, int to, float[] b, int from, float a0) {
        for (int j = 0; j < COLUMNS; j++) {
            out[to + j] = Math.fma(a0, b[from + j], out[to + j]);
        }
    }

    private void join(float[] tile, int first, int last, int firstColumn) {
        int columns = Math.min(COLUMNS, n - firstColumn);
        synchronized (sets) {
            for (int i = first; i < last; i++) {
                for (int j = 0; j < columns; j++) {
                    if (tile[(i - first) * COLUMNS + j] >= edge) {
                        sets.union(i, firstColumn + j);
                    }
                }
            }
        }
    }
}
