package dev.palimpsest.select.cluster;

import java.util.Arrays;

/**
 * Average linkage of one component by the nearest-neighbour chain (Murtagh 1983; Muellner 2011, section 3.2).
 *
 * <p>For unit vectors the average of all cosines between clusters A and B is the product of their sums:
 * {@code mean cos(A, B) = <sum A, sum B> / (|A| |B|)}. Keeping the sums replaces the Lance-Williams update and its
 * {@code c (c - 1) / 2} matrix: memory is {@code c d}, and errors do not accumulate over merges. At most {@code 3 c} scans of
 * {@code c d} multiply-adds in float64.
 *
 * <p>A chain follows nearest neighbours until two clusters are mutually nearest and merges them. Average linkage is
 * reducible: a merge never brings a third cluster nearer. So the result is that of merging the closest pair first, and a
 * cluster without a neighbour above the threshold can be put aside for good.
 */
final class NearestNeighbourChain {
    private static final int BLOCK = 1024;

    private final int c;
    private final int d;
    private final double minCosine;
    /** Sums of the clusters in use, transposed to {@code [d][c]}: slot {@code s} is column {@code s}. */
    private final double[][] sums;

    private final int[] size;
    /** The cluster in each slot, named by one of its points; and the slot of each cluster. */
    private final int[] cluster;

    private final int[] slot;
    private final double[] tip;
    private final double[] products;
    private final UnionFind sets;
    private int active;

    private NearestNeighbourChain(float[] all, double[] lengths, int[] points, int d, double minCosine) {
        this.c = points.length;
        this.d = d;
        this.minCosine = minCosine;
        this.sums = new double[d][c];
        this.size = new int[c];
        this.cluster = new int[c];
        this.slot = new int[c];
        this.tip = new double[d];
        this.products = new double[c];
        this.sets = new UnionFind(c);
        this.active = c;
        Arrays.fill(size, 1);
        for (int i = 0; i < c; i++) {
            cluster[i] = i;
            slot[i] = i;
            for (int k = 0; k < d; k++) {
                sums[k][i] = all[points[i] * d + k] / lengths[points[i]];
            }
        }
    }

    /**
     * Clusters the given rows of {@code all [n, d]}: merges while the average cosine is above {@code minCosine}.
     *
     * @param lengths {@code [n]}, of the rows
     * @return for each of {@code points} the position in {@code points} of the first point in its cluster
     */
    static int[] cluster(float[] all, double[] lengths, int[] points, int d, double minCosine) {
        NearestNeighbourChain chain = new NearestNeighbourChain(all, lengths, points, d, minCosine);
        chain.run();
        int[] roots = new int[points.length];
        for (int i = 0; i < roots.length; i++) {
            roots[i] = chain.sets.find(i);
        }
        return roots;
    }

    private void run() {
        int[] chain = new int[c];
        int[] position = new int[c];
        Arrays.fill(position, -1);
        int length = 0;
        while (active > 1 || length > 0) {
            if (length == 0) {
                position[cluster[0]] = 0;
                chain[length++] = cluster[0];
            }
            int last = chain[length - 1];
            int nearest = nearest(last, length > 1 ? chain[length - 2] : -1);
            if (nearest < 0) {
                // Only the start of a chain can stand alone: every later one has the one before it.
                remove(slot[last]);
                length--;
            } else if (position[nearest] < 0) {
                position[nearest] = length;
                chain[length++] = nearest;
            } else {
                // Mutually nearest. Nearly always the one before; an earlier one where copies of a point tie but for
                // rounding.
                int keep = position[nearest];
                for (int i = keep; i < length; i++) {
                    position[chain[i]] = -1;
                }
                length = keep;
                merge(last, nearest);
            }
        }
    }

    /**
     * The cluster of largest average cosine to {@code from}, or -1 when none is above the threshold. A tie goes to {@code before}, so
     * that a chain ends.
     */
    private int nearest(int from, int before) {
        int self = slot[from];
        for (int k = 0; k < d; k++) {
            tip[k] = sums[k][self];
        }
        for (int at = 0; at < active; at += BLOCK) {
            multiply(at, Math.min(at + BLOCK, active));
        }
        double best = before < 0 ? minCosine : average(self, slot[before]);
        int nearest = before;
        for (int s = 0; s < active; s++) {
            double average = average(self, s);
            if (average > best && s != self) {
                best = average;
                nearest = cluster[s];
            }
        }
        return nearest;
    }

    private double average(int self, int other) {
        return products[other] / ((double) size[self] * size[other]);
    }

    private void multiply(int start, int end) {
        Arrays.fill(products, start, end, 0);
        int k = 0;
        for (; k + 4 <= d; k += 4) {
            addFour(
                    products,
                    start,
                    end,
                    sums[k],
                    sums[k + 1],
                    sums[k + 2],
                    sums[k + 3],
                    tip[k],
                    tip[k + 1],
                    tip[k + 2],
                    tip[k + 3]);
        }
        for (; k < d; k++) {
            double t = tip[k];
            double[] row = sums[k];
            for (int s = start; s < end; s++) {
                products[s] += t * row[s];
            }
        }
    }

    /** The order of additions is the same for all pairs and both directions, which makes the products symmetric. */
    private static void addFour(
            double[] out,
            int start,
            int end,
            double[] b0,
            double[] b1,
            double[] b2,
            double[] b3,
            double t0,
            double t1,
            double t2,
            double t3) {
        for (int s = start; s < end; s++) {
            out[s] = Math.fma(t3, b3[s], Math.fma(t2, b2[s], Math.fma(t1, b1[s], Math.fma(t0, b0[s], out[s]))));
        }
    }

    private void merge(int a, int b) {
        sets.union(a, b);
        int into = slot[a];
        int from = slot[b];
        for (int k = 0; k < d; k++) {
            sums[k][into] += sums[k][from];
        }
        size[into] += size[from];
        remove(from);
    }

    /** Takes a slot out of use; the last slot moves there, which keeps the scans dense. */
    private void remove(int gone) {
        int last = --active;
        for (int k = 0; k < d; k++) {
            sums[k][gone] = sums[k][last];
        }
        size[gone] = size[last];
        cluster[gone] = cluster[last];
        slot[cluster[gone]] = gone;
    }
}
