package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows {@code [w_k, b_k]} of the first layer over the size of their output column, in row-space coordinates: with balanced layers
 * each is a subset sum of the vectors {@code lambda_j y_j [x_j, 1]}. With one output the sign of the output weight is divided out too.
 *
 * @param rows {@code [K, r + 1]}, the last coordinate the bias
 * @param side {@code [K, C]} output columns of unit length
 * @param index {@code [K]} the neuron in the head
 */
@SuppressWarnings("ArrayRecordComponent") // matrices, compared by nobody
record BalancedNeurons(double[][] rows, double[][] side, int[] index) {
    /** Neurons below this share of the largest output column are dead: dividing by it would give noise. */
    private static final double DEAD = 1e-2;

    /** All living neurons, the largest output column first. */
    static BalancedNeurons of(Head head, RowSpace space) {
        int h = head.hidden();
        int r = space.rank();
        double[] w = space.coordinates(head.w(), h);
        double[] size = new double[h];
        for (int k = 0; k < h; k++) {
            size[k] = RowSpace.norm(column(head, k), 0, head.outputs());
        }
        double largest = IntStream.range(0, h).mapToDouble(k -> size[k]).max().orElse(0);
        int[] index = IntStream.range(0, h)
                .filter(k -> size[k] > DEAD * largest)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -size[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[][] rows = new double[index.length][r + 1];
        double[][] side = new double[index.length][];
        for (int n = 0; n < index.length; n++) {
            int k = index[n];
            side[n] = column(head, k);
            scale(side[n], 1 / size[k]);
            System.arraycopy(w, k * r, rows[n], 0, r);
            rows[n][r] = head.b()[k];
            scale(rows[n], (head.outputs() == 1 ? side[n][0] : 1) / size[k]);
        }
        return new BalancedNeurons(rows, side, index);
    }

    /** Without the neurons that repeat an earlier one: rows of cosine above {@code same} with like output columns. */
    BalancedNeurons distinct(double same) {
        List<Integer> kept = new ArrayList<>();
        for (int n = 0; n < rows.length; n++) {
            int candidate = n;
            if (kept.stream()
                    .noneMatch(k -> cosine(rows[k], rows[candidate]) > same && dot(side[k], side[candidate]) > .99)) {
                kept.add(n);
            }
        }
        return new BalancedNeurons(
                kept.stream().map(k -> rows[k]).toArray(double[][]::new),
                kept.stream().map(k -> side[k]).toArray(double[][]::new),
                kept.stream().mapToInt(k -> index[k]).toArray());
    }

    int count() {
        return rows.length;
    }

    /** What row n was divided by. */
    double factor(int n, Head head) {
        double[] column = column(head, index[n]);
        return head.outputs() == 1 ? column[0] : RowSpace.norm(column, 0, column.length);
    }

    private static double[] column(Head head, int k) {
        double[] column = new double[head.outputs()];
        for (int c = 0; c < column.length; c++) {
            column[c] = head.v()[c * head.hidden() + k];
        }
        return column;
    }

    private static void scale(double[] a, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }

    private static double cosine(double[] a, double[] b) {
        return dot(a, b) / Math.max(1e-300, RowSpace.norm(a, 0, a.length) * RowSpace.norm(b, 0, b.length));
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
