package dev.palimpsest.reconstruct.attack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far candidates are from making the head's weights stationary, with its gradient in closed form, for heads of any depth.
 *
 * <p>For candidates x {@code [R, m, r]} of R runs with multipliers l {@code [R, m]}, layers W_1 .. W_K with biases b_k and activation f:
 *
 * <pre>
 * a_0 = x,  z_k = a_(k-1) W_k^T + b_k,  a_k = f(z_k),  s_k = f'(z_k), which for ReLU is sigmoid(alpha z_k)
 * G_K = e l / m,  G_k = (G_(k+1) W_(k+1)) o s_k                        gradients of the weighted outputs at z_k
 * P_k = W_k - G_k^T a_(k-1),  p_k = b_k - sum_j G_k                     what the candidates leave of each layer
 * L = sum_k ||P_k||^2 + ||p_k||^2 + 5 sum relu(lambdaMin - l)^2
 * </pre>
 *
 * On the output side e is y for one output; for several it is the unit vector of class y less its {@link Rivals}, held fixed in the
 * derivative. With {@link Rivals#NONE} it is all ones and l {@code [R, m, C]} has either sign: losses whose derivative is not tied to a
 * label. The gradient runs the chain of G back up from k = 1, then that of a down from k = K; nothing is differentiated automatically.
 *
 * <p>After Buzaglo et al. 2023 (Deconstructing data reconstruction) and Oz et al. 2024; the closed form is ours. In float64 it agrees
 * with differentiating twice to rounding. With one hidden layer a step costs five products of {@code [m, h]} by {@code [h, r]} for each
 * run. Every array stays on its device.
 */
final class StationarityLoss {
    private static final int[] COLUMNS = {2};
    private static final int[] ROWS = {1};
    private static final int[] MATRIX = {1, 2};

    /** What stands against a candidate's class, for heads with several outputs. */
    enum Rivals {
        /** The rival with the largest logit alone, as published: the margin {@code phi_y - max phi_j}. */
        HARDEST,
        /** All of them, weighted by their softmax: moves smoothly where rivals change places. */
        SOFT,
        /** No class and no rivals: a multiplier of its own for every output. */
        NONE
    }

    private final List<NDArray> w;
    private final List<@Nullable NDArray> b;
    private final HeadActivation activation;
    private final Rivals rivals;
    private final int outputs;

    /**
     * @param w {@code [n_k, n_(k-1)]} each
     * @param b {@code [n_k]} each, or null where a layer has none
     */
    StationarityLoss(List<NDArray> w, List<@Nullable NDArray> b, HeadActivation activation, Rivals rivals) {
        this.w = w;
        this.b = b;
        this.activation = activation;
        this.rivals = rivals;
        this.outputs = (int) w.get(w.size() - 1).getShape().get(0);
    }

    /** A head with one hidden layer: {@code w [h, r]}, {@code b [h]}, {@code v [C, h]}, {@code c [C]} or null where the head has none. */
    StationarityLoss(NDArray w, NDArray b, NDArray v, @Nullable NDArray c, Rivals rivals) {
        this(List.of(w, v), pair(b, c), HeadActivation.RELU, rivals);
    }

    private static List<@Nullable NDArray> pair(NDArray b, @Nullable NDArray c) {
        List<@Nullable NDArray> both = new ArrayList<>();
        both.add(b);
        both.add(c);
        return both;
    }

    /**
     * Of a head.
     *
     * @param first the first layer in the coordinates of the candidates, {@code [h, r]} row by row
     */
    static StationarityLoss of(NDManager manager, Head head, double[] first, Rivals rivals, DataType type) {
        List<NDArray> w = new ArrayList<>();
        List<@Nullable NDArray> b = new ArrayList<>();
        for (Head.Layer layer : head.layers()) {
            double[] weight = w.isEmpty() ? first : layer.weight();
            double[] bias = layer.bias();
            w.add(manager.create(weight, new Shape(layer.outputs(), weight.length / layer.outputs()))
                    .toType(type, false));
            b.add(bias == null ? null : manager.create(bias).toType(type, false));
        }
        return new StationarityLoss(w, b, head.activation(), rivals);
    }

    /** Labels as {@link #at} takes them: {@code [m, C]} one-hot row by row; for one output {@code [m, 1]}, 1 for class 1 and -1 for class 0. */
    static double[] sides(int[] label, int outputs) {
        double[] sides = new double[label.length * outputs];
        for (int j = 0; j < label.length; j++) {
            if (outputs == 1) {
                sides[j] = label[j] == 1 ? 1 : -1;
            } else {
                sides[j * outputs + label[j]] = 1;
            }
        }
        return sides;
    }

    /**
     * @param value {@code [R]} squared residuals together, without the term of lambdaMin
     * @param x {@code [R, m, r]} gradient of L
     * @param l gradient of L, of the shape of l
     */
    record Gradient(NDArray value, NDArray x, NDArray l) {}

    /** Values of a hidden layer and the factors that stand for its first and second derivative, {@code [R, m, n_k]}. */
    private HeadActivation.Values hidden(NDArray z, NDArray alpha) {
        if (activation != HeadActivation.RELU) {
            return activation.at(z);
        }
        NDArray s = Activation.sigmoid(z.mul(alpha));
        return new HeadActivation.Values(
                Activation.relu(z), s, s.neg().addi(1).muli(s).muli(alpha));
    }

    private NDArray affine(NDArray a, int k) {
        NDArray z = a.matMul(w.get(k).transpose());
        NDArray bias = b.get(k);
        return bias == null ? z : z.addi(bias);
    }

    /** The logits {@code [R, m, C]} of points {@code [R, m, r]}. */
    NDArray logits(NDArray x) {
        NDArray a = x;
        for (int k = 0; k + 1 < w.size(); k++) {
            a = activation.at(affine(a, k)).value();
        }
        return affine(a, w.size() - 1);
    }

    /**
     * @param labels {@code [R, m, C]} one-hot; for one output {@code [R, m, 1]} holding +-1; ignored without rivals
     * @param alpha {@code [R, 1, 1]} sharpness of the gates
     * @param lambdaMin {@code [R, 1]}; ignored without rivals
     */
    Gradient at(NDArray x, NDArray l, NDArray labels, NDArray alpha, NDArray lambdaMin) {
        long m = x.getShape().get(1);
        int last = w.size() - 1;
        NDArray[] a = new NDArray[last + 1];
        HeadActivation.Values[] f = new HeadActivation.Values[last];
        a[0] = x;
        for (int k = 0; k < last; k++) {
            f[k] = hidden(affine(a[k], k), alpha);
            a[k + 1] = f[k].value();
        }
        boolean free = rivals == Rivals.NONE;
        NDArray e = free ? null : outputSide(a[last], labels);
        NDArray share = l.div(m);
        NDArray[] g = new NDArray[last + 1];
        NDArray[] u = new NDArray[last];
        g[last] = e == null ? share : e.mul(share.expandDims(2));
        for (int k = last - 1; k >= 0; k--) {
            u[k] = g[k + 1].matMul(w.get(k + 1));
            g[k] = u[k].mul(f[k].slope());
        }
        NDArray[] square = new NDArray[last + 1];
        NDArray[] rest = new NDArray[last + 1];
        NDArray[] up = new NDArray[last + 1];
        for (int k = 0; k <= last; k++) {
            rest[k] = g[k].swapAxes(1, 2).matMul(a[k]).neg().addi(w.get(k));
            square[k] = rest[k].square().sum(MATRIX);
            // Derivatives of L by G_k, over -2: first what P_k and p_k say, then what comes up the chain.
            up[k] = a[k].matMul(rest[k].swapAxes(1, 2));
            NDArray bias = b.get(k);
            if (bias != null) {
                NDArray restB = g[k].sum(ROWS).neg().addi(bias);
                square[k].addi(restB.square().sum(ROWS));
                up[k].addi(restB.expandDims(1));
            }
            if (k > 0) {
                up[k].addi(up[k - 1].mul(f[k - 1].slope()).matMul(w.get(k).transpose()));
            }
        }
        NDArray down = g[last].matMul(rest[last]);
        for (int k = last - 1; k >= 0; k--) {
            NDArray z = down.muli(f[k].slope()).addi(up[k].mul(u[k]).muli(f[k].curvature()));
            down = g[k].matMul(rest[k]).addi(z.matMul(w.get(k)));
        }
        NDArray slopeL =
                e == null ? up[last].mul(-2. / m) : up[last].mul(e).sum(COLUMNS).muli(-2. / m);
        if (!free) {
            slopeL.subi(Activation.relu(lambdaMin.sub(l)).muli(10));
        }
        for (int k = 1; k <= last; k++) {
            square[0].addi(square[k]);
        }
        return new Gradient(square[0], down.muli(-2), slopeL);
    }

    private NDArray outputSide(NDArray a, NDArray labels) {
        if (outputs == 1) {
            return labels;
        }
        NDArray logits = affine(a, w.size() - 1);
        // The class itself is no rival.
        logits.subi(labels.mul(1e9));
        return labels.sub(
                rivals == Rivals.SOFT ? logits.softmax(-1) : logits.argMax(2).oneHot(outputs, labels.getDataType()));
    }
}
