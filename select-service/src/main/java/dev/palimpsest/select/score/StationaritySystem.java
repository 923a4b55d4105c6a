package dev.palimpsest.select.score;

import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The stationarity equation of known samples: scalar products of their gradients with each other and with the weights.
 *
 * @param gram {@code [n, n]}
 * @param weights {@code [n]} {@code <g_j, theta>}
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record StationaritySystem(DMatrixRMaj gram, double[] weights) {

    /** @param x {@code [n, d]} */
    static StationaritySystem of(Head head, DMatrixRMaj x) {
        int n = x.numRows;
        int last = head.layers().size() - 1;
        DMatrixRMaj[] a = new DMatrixRMaj[last + 1];
        DMatrixRMaj[] z = new DMatrixRMaj[last + 1];
        a[0] = x;
        for (int k = 0; k <= last; k++) {
            z[k] = affine(head.layers().get(k), a[k]);
            if (k < last) {
                a[k + 1] = z[k].copy();
                for (int i = 0; i < a[k + 1].data.length; i++) {
                    a[k + 1].data[i] = head.activation().value(z[k].data[i]);
                }
            }
        }
        DMatrixRMaj gram = new DMatrixRMaj(n, n);
        double[] weights = new double[n];
        DMatrixRMaj back = sides(z[last]);
        for (int k = last; k >= 0; k--) {
            Head.Layer layer = head.layers().get(k);
            add(gram, back, a[k], layer.bias() != null);
            for (int i = 0; i < n; i++) {
                for (int o = 0; o < layer.outputs(); o++) {
                    weights[i] += back.get(i, o) * z[k].get(i, o);
                }
            }
            if (k > 0) {
                DMatrixRMaj before = new DMatrixRMaj(n, layer.inputs());
                CommonOps_DDRM.mult(back, DMatrixRMaj.wrap(layer.outputs(), layer.inputs(), layer.weight()), before);
                for (int i = 0; i < before.data.length; i++) {
                    before.data[i] *= head.activation().slope(z[k - 1].data[i]);
                }
                back = before;
            }
        }
        return new StationaritySystem(gram, weights);
    }

    /** {@code a W^T + b}, {@code [n, outputs]}. */
    static DMatrixRMaj affine(Head.Layer layer, DMatrixRMaj a) {
        DMatrixRMaj z = new DMatrixRMaj(a.numRows, layer.outputs());
        CommonOps_DDRM.multTransB(a, DMatrixRMaj.wrap(layer.outputs(), layer.inputs(), layer.weight()), z);
        double[] bias = layer.bias();
        if (bias != null) {
            for (int i = 0; i < z.data.length; i++) {
                z.data[i] += bias[i % bias.length];
            }
        }
        return z;
    }

    /** {@code (d_i . d_j) (a_i . a_j + 1)}. */
    private static void add(DMatrixRMaj gram, DMatrixRMaj d, DMatrixRMaj a, boolean bias) {
        DMatrixRMaj signals = new DMatrixRMaj(gram.numRows, gram.numCols);
        DMatrixRMaj inputs = new DMatrixRMaj(gram.numRows, gram.numCols);
        CommonOps_DDRM.multTransB(d, d, signals);
        CommonOps_DDRM.multTransB(a, a, inputs);
        for (int i = 0; i < gram.data.length; i++) {
            gram.data[i] += signals.data[i] * (inputs.data[i] + (bias ? 1 : 0));
        }
    }

    /** One output: its sign. Several: 1 for the class, less the softmax of the others among themselves. */
    private static DMatrixRMaj sides(DMatrixRMaj logits) {
        DMatrixRMaj sides = new DMatrixRMaj(logits.numRows, logits.numCols);
        int outputs = logits.numCols;
        for (int i = 0; i < logits.numRows; i++) {
            if (outputs == 1) {
                sides.set(i, 0, logits.get(i, 0) > 0 ? 1 : -1);
                continue;
            }
            int best = 0;
            for (int o = 0; o < outputs; o++) {
                best = logits.get(i, o) > logits.get(i, best) ? o : best;
            }
            int second = best == 0 ? 1 : 0;
            for (int o = 0; o < outputs; o++) {
                second = o != best && logits.get(i, o) > logits.get(i, second) ? o : second;
            }
            double sum = 0;
            for (int o = 0; o < outputs; o++) {
                sum += o == best ? 0 : Math.exp(logits.get(i, o) - logits.get(i, second));
            }
            for (int o = 0; o < outputs; o++) {
                sides.set(i, o, o == best ? 1 : -Math.exp(logits.get(i, o) - logits.get(i, second)) / sum);
            }
        }
        return sides;
    }
}
