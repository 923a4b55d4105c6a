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
 *
 * <p>The innermost loop runs over arrays of one length without offsets: the form that the JVM turns into vector
 * instructions, eight times faster than the same loop over slices of one large array.
 */
final class SimilarityGraph {
    private static final int ROWS = 64;
    private static final int COLUMNS = 512;
    /** How many coordinates of a block of columns stay in the first-level cache while all rows of a tile pass by. */
    private static final int DEPTH = 16;

    private final int n;
    private final int d4;
    /** Blocks of {@link #COLUMNS} points, transposed and zero-padded to {@code [d4, COLUMNS]}, d4 being d rounded up to 4. */
    private final float[][][] blocks;

    private final float edge;
    private final UnionFind sets;

    private SimilarityGraph(float[] points, double[] lengths, int d, double minCosine) {
        int d4 = (d + 3) / 4 * 4;
        this.n = lengths.length;
        this.d4 = d4;
        this.edge = (float) (minCosine - (d + 4) * 0x1p-23);
        this.sets = new UnionFind(n);
        this.blocks = new float[(n + COLUMNS - 1) / COLUMNS][d4][COLUMNS];
        for (int i = 0; i < n; i++) {
            float[][] block = blocks[i / COLUMNS];
            for (int k = 0; k < d; k++) {
                block[k][i % COLUMNS] = (float) (points[i * d + k] / lengths[i]);
            }
        }
    }

    /**
     * Components.
     *
     * @param points {@code [n, d]}
     * @param lengths {@code [n]}, of the points
     * @return for each point the smallest index in its component, whatever the number of threads
     */
    static int[] components(float[] points, double[] lengths, int d, double minCosine, int threads) {
        int n = lengths.length;
        SimilarityGraph graph = new SimilarityGraph(points, lengths, d, minCosine);
        AtomicInteger next = new AtomicInteger();
        int tasks = (n + ROWS - 1) / ROWS;
        Workers.run(threads, () -> {
            float[][] tile = new float[ROWS][COLUMNS];
            float[][] rows = new float[ROWS][graph.d4];
            for (int t = next.getAndIncrement(); t < tasks; t = next.getAndIncrement()) {
                graph.rows(t * ROWS, rows, tile);
            }
        });
        int[] roots = new int[n];
        for (int i = 0; i < n; i++) {
            roots[i] = graph.sets.find(i);
        }
        return roots;
    }

    private void rows(int first, float[][] points, float[][] tile) {
        int rows = Math.min(ROWS, n - first);
        for (int i = 0; i < rows; i++) {
            float[][] block = blocks[(first + i) / COLUMNS];
            for (int k = 0; k < d4; k++) {
                points[i][k] = block[k][(first + i) % COLUMNS];
            }
        }
        for (int block = first / COLUMNS; block < blocks.length; block++) {
            for (float[] row : tile) {
                Arrays.fill(row, 0);
            }
            for (int k = 0; k < d4; k += DEPTH) {
                int end = Math.min(k + DEPTH, d4);
                // Where rows are odd in number, one more is multiplied, which nobody looks at.
                for (int i = 0; i < rows; i += 2) {
                    multiply(tile[i], tile[i + 1], blocks[block], points[i], points[i + 1], k, end);
                }
            }
            join(tile, rows, first, block * COLUMNS);
        }
    }

    private static void multiply(
            float[] out0, float[] out1, float[][] block, float[] a0, float[] a1, int start, int end) {
        for (int k = start; k < end; k += 4) {
            addFour(
                    out0,
                    out1,
                    block[k],
                    block[k + 1],
                    block[k + 2],
                    block[k + 3],
                    a0[k],
                    a0[k + 1],
                    a0[k + 2],
                    a0[k + 3],
                    a1[k],
                    a1[k + 1],
                    a1[k + 2],
                    a1[k + 3]);
        }
    }

    /** Two rows at once: what is read of the block serves both. */
    private static void addFour(
            float[] out0,
            float[] out1,
            float[] b0,
            float[] b1,
            float[] b2,
            float[] b3,
            float p0,
            float p1,
            float p2,
            float p3,
            float q0,
            float q1,
            float q2,
            float q3) {
        for (int j = 0; j < out0.length; j++) {
            out0[j] = Math.fma(p3, b3[j], Math.fma(p2, b2[j], Math.fma(p1, b1[j], Math.fma(p0, b0[j], out0[j]))));
            out1[j] = Math.fma(q3, b3[j], Math.fma(q2, b2[j], Math.fma(q1, b1[j], Math.fma(q0, b0[j], out1[j]))));
        }
    }

    private void join(float[][] tile, int rows, int first, int firstColumn) {
        int columns = Math.min(COLUMNS, n - firstColumn);
        synchronized (sets) {
            for (int i = 0; i < rows; i++) {
                float[] row = tile[i];
                for (int j = 0; j < columns; j++) {
                    if (row[j] >= edge) {
                        sets.union(first + i, firstColumn + j);
                    }
                }
            }
        }
    }
}
