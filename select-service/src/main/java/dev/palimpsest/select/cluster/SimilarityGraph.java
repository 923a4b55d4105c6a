package dev.palimpsest.select.cluster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Connected components of the graph whose edges are the pairs with cosine at or above a threshold.
 *
 * <p>All pairs are computed in tiles of a float32 product {@code U U^T}, of which only the upper triangle is needed:
 * {@code n^2 d / 2} multiply-adds, and memory for the points alone. Float32 suffices although the clustering is exact:
 * the threshold is lowered by a bound on the rounding error, {@code (d + 4) 2^-23}, hence no true edge is lost, and an edge
 * too many only joins components that could have been clustered apart.
 *
 * <p>Most pairs are dropped early. By Cauchy and Schwarz what the first k coordinates give of a cosine can grow by at most the product of
 * the two lengths that are left; where that reaches the threshold for none of a row's pairs in a tile, the row is done. Coordinates are taken in falling order of
 * what they hold of all points. Nothing is approximate: a pair is dropped only if it can't be an edge.
 *
 * <p>The innermost loop runs over arrays of one length without offsets: the form that the JVM turns into vector
 * instructions, eight times faster than the same loop over slices of one large array.
 */
final class SimilarityGraph {
    private static final int ROWS = 64;
    private static final int COLUMNS = 512;
    /** How many coordinates of a block of columns stay in the first-level cache while all rows of a tile pass by. */
    private static final int DEPTH = 16;
    /** After how many coordinates it is asked whether a row can still have an edge; a multiple of {@link #DEPTH}. */
    private static final int LOOK = 48;
    /** In a row of a tile that has no edge. */
    private static final float NO_EDGE = -2;

    private final int n;
    private final int d4;
    /** Blocks of {@link #COLUMNS} points, transposed and zero-padded to {@code [d4, COLUMNS]}, d4 being d rounded up to 4. */
    private final float[][][] blocks;

    /** For each look and block, what is left of its points' lengths of 1: {@code [looks][blocks][COLUMNS]}. */
    private final float[][][] left;

    private final float edge;
    private final UnionFind sets;

    private SimilarityGraph(float[] points, double[] lengths, int d, double minCosine) {
        int d4 = (d + 3) / 4 * 4;
        this.n = lengths.length;
        this.d4 = d4;
        this.edge = (float) (minCosine - (d + 4) * 0x1p-23);
        this.sets = new UnionFind(n);
        this.blocks = new float[(n + COLUMNS - 1) / COLUMNS][d4][COLUMNS];
        int[] order = byEnergy(points, lengths, d);
        for (int i = 0; i < n; i++) {
            float[][] block = blocks[i / COLUMNS];
            for (int k = 0; k < d; k++) {
                block[k][i % COLUMNS] = (float) (points[i * d + order[k]] / lengths[i]);
            }
        }
        this.left = new float[d4 / LOOK][blocks.length][];
        for (int look = 0; look < left.length; look++) {
            for (int block = 0; block < blocks.length; block++) {
                left[look][block] = left(blocks[block], (look + 1) * LOOK);
            }
        }
    }

    /** Coordinates by the sum of squares of all points, the largest first. */
    private static int[] byEnergy(float[] points, double[] lengths, int d) {
        double[] energy = new double[d];
        for (int i = 0; i < lengths.length; i++) {
            for (int k = 0; k < d; k++) {
                double u = points[i * d + k] / lengths[i];
                energy[k] += u * u;
            }
        }
        return IntStream.range(0, d)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> -energy[k]))
                .mapToInt(k -> k)
                .toArray();
    }

    /** Lengths of the points of a block without their first coordinates. */
    private static float[] left(float[][] block, int from) {
        double[] sums = new double[COLUMNS];
        for (int k = from; k < block.length; k++) {
            for (int j = 0; j < COLUMNS; j++) {
                sums[j] += (double) block[k][j] * block[k][j];
            }
        }
        float[] lengths = new float[COLUMNS];
        for (int j = 0; j < COLUMNS; j++) {
            lengths[j] = Math.nextUp((float) Math.sqrt(sums[j]));
        }
        return lengths;
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
            tile(first, rows, block, points, tile);
            join(tile, rows, first, block * COLUMNS);
        }
    }

    /** Cosines of some rows with a block, two rows at a time; where rows are odd in number, one more is multiplied, which nobody looks at. */
    private void tile(int first, int rows, int block, float[][] points, float[][] tile) {
        for (float[] row : tile) {
            Arrays.fill(row, 0);
        }
        boolean[] done = new boolean[rows];
        for (int k = 0; k < d4; k += DEPTH) {
            int end = Math.min(k + DEPTH, d4);
            for (int i = 0; i < rows; i += 2) {
                if (!done[i]) {
                    multiply(tile[i], tile[i + 1], blocks[block], points[i], points[i + 1], k, end);
                    if (end % LOOK == 0
                            && below(tile[i], first + i, end / LOOK - 1, block)
                            && below(tile[i + 1], first + i + 1, end / LOOK - 1, block)) {
                        done[i] = true;
                        Arrays.fill(tile[i], NO_EDGE);
                        Arrays.fill(tile[i + 1], NO_EDGE);
                    }
                }
            }
        }
    }

    /** Whether none of the row's pairs can still reach the threshold. */
    private boolean below(float[] cosines, int row, int look, int block) {
        if (row >= n) {
            return true;
        }
        float own = left[look][row / COLUMNS][row % COLUMNS];
        float[] other = left[look][block];
        float most = NO_EDGE;
        for (int j = 0; j < cosines.length; j++) {
            most = Math.max(most, Math.fma(own, other[j], cosines[j]));
        }
        return most < edge;
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
