package dev.palimpsest.embed.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.palimpsest.models.HeadActivation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the mean loss by a head's parameters, written out by hand for any depth:
 *
 * <pre>
 * A_0 = X     Z_k = A_(k-1) W_k^T + b_k     A_k = f(Z_k)     O = Z_K
 * B_K = dl/dO / n     B_k = (B_(k+1) W_(k+1)) o f'(Z_k)     G_W_k = B_k^T A_(k-1)     G_b_k = sum_i B_ki
 * </pre>
 *
 * @param logits {@code [n, C]}
 * @param w gradients by weights, {@code [n_k, n_(k-1)]} each
 * @param b gradients by biases, {@code [n_k]} each, null where a layer has none
 */
record HeadGradient(NDArray logits, List<NDArray> w, List<@Nullable NDArray> b) {

    /**
     * @param x {@code [n, d]}
     * @param target {@code [n, C]} as {@link HeadForm.Loss} takes it
     */
    static HeadGradient at(
            NDArray x,
            NDArray target,
            List<NDArray> w,
            List<@Nullable NDArray> b,
            HeadActivation activation,
            HeadForm.Loss loss) {
        int last = w.size() - 1;
        NDArray[] a = new NDArray[last + 1];
        NDArray[] slope = new NDArray[last];
        a[0] = x;
        NDArray z = affine(x, w.get(0), b.get(0));
        for (int k = 0; k < last; k++) {
            HeadActivation.Values values = activation.at(z);
            a[k + 1] = values.value();
            slope[k] = values.slope();
            z = affine(a[k + 1], w.get(k + 1), b.get(k + 1));
        }
        List<NDArray> byWeight = new ArrayList<>(Collections.nCopies(last + 1, x));
        List<@Nullable NDArray> byBias = new ArrayList<>(b);
        NDArray back = loss.slope(z, target).muli(share(x));
        for (int k = last; k >= 0; k--) {
            byWeight.set(k, back.transpose().matMul(a[k]));
            if (b.get(k) != null) {
                byBias.set(k, back.sum(new int[] {0}));
            }
            if (k > 0) {
                back = back.matMul(w.get(k)).muli(slope[k - 1]);
            }
        }
        return new HeadGradient(z, byWeight, byBias);
    }

    /** 1 / n, in the precision of the rows. */
    private static Number share(NDArray x) {
        long n = x.getShape().get(0);
        return x.getDataType() == DataType.FLOAT64 ? (Number) (1. / n) : (Number) (1f / n);
    }

    static NDArray affine(NDArray a, NDArray w, @Nullable NDArray b) {
        NDArray z = a.matMul(w.transpose());
        return b == null ? z : z.addi(b);
    }

    /** Targets of labels, row by row: {@code [n, 1]} of +-1 for one output, else {@code [n, C]} one-hot. */
    static double[] targets(int[] labels, int outputs) {
        double[] targets = new double[labels.length * outputs];
        for (int i = 0; i < labels.length; i++) {
            if (outputs == 1) {
                targets[i] = labels[i] == 1 ? 1 : -1;
            } else {
                targets[i * outputs + labels[i]] = 1;
            }
        }
        return targets;
    }
}
