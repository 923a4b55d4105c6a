package dev.palimpsest.reconstruct.attack;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.jspecify.annotations.Nullable;

/**
 * How far candidates are from making the head's weights stationary, with its gradient in closed form.
 *
 * <p>For candidates x {@code [R, m, r]} of R runs with multipliers l {@code [R, m]}: z = x W^T + b, s = sigmoid(alpha z) for the
 * derivative of ReLU, a = relu(z), c = l / m, u = V^T e, G = c (s o u); {@code L = ||W - G^T x||^2 + ||b - sum G||^2 +
 * ||V - sum c e a^T||^2 + 5 sum relu(lambdaMin - l)^2}, and {@code + ||bias - sum c e||^2} for a head with an output bias. On the output
 * side e is y for one output; for several it is the unit vector of class y less its {@link Rivals}, held fixed in the derivative.
 *
 * <p>After Buzaglo et al. 2023 (Deconstructing data reconstruction) and Oz et al. 2024; the closed form is ours. In float64 it agrees
 * with differentiating twice to rounding. A step costs five products of {@code [m, h]} by {@code [h, r]} for each run.
 */
final class StationarityLoss {
    private static final int[] COLUMNS = {2};

    /** What stands against a candidate's class, for heads with several outputs. */
    enum Rivals {
        /** The rival with the largest logit alone, as published: the margin {@code phi_y - max phi_j}. */
        HARDEST,
        /** All of them, weighted by their softmax: moves smoothly where rivals change places. */
        SOFT
    }

    private final NDArray w;
    private final NDArray b;
    private final NDArray v;
    private final @Nullable NDArray c;
    private final Rivals rivals;
    private final int outputs;

    /** {@code w [h, r]}, {@code b [h]}, {@code v [C, h]}, {@code c [C]} or null where the head has none. */
    StationarityLoss(NDArray w, NDArray b, NDArray v, @Nullable NDArray c, Rivals rivals) {
        this.w = w;
        this.b = b;
        this.v = v;
        this.c = c;
        this.rivals = rivals;
        this.outputs = (int) v.getShape().get(0);
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
     * @param l {@code [R, m]} gradient of L
     */
    record Gradient(NDArray value, NDArray x, NDArray l) {}

    /**
     * @param labels {@code [R, m, C]} one-hot; for one output {@code [R, m, 1]} holding +-1
     * @param alpha {@code [R, 1, 1]} sharpness of the gates
     * @param lambdaMin {@code [R, 1]}
     */
    Gradient at(NDArray x, NDArray l, NDArray labels, NDArray alpha, NDArray lambdaMin) {
        long m = x.getShape().get(1);
        NDArray z = x.matMul(w.transpose()).addi(b);
        NDArray s = Activation.sigmoid(z.mul(alpha));
        NDArray a = Activation.relu(z);
        NDArray e = outputSide(a, labels);
        NDArray u = e.matMul(v);
        NDArray share = l.div(m).expandDims(2);
        NDArray su = s.mul(u);
        NDArray g = su.mul(share);
        NDArray restW = g.swapAxes(1, 2).matMul(x).neg().addi(w);
        NDArray restB = g.sum(new int[] {1}).neg().addi(b);
        NDArray shared = e.mul(share);
        NDArray restV = shared.swapAxes(1, 2).matMul(a).neg().addi(v);
        NDArray value = restW.square()
                .sum(new int[] {1, 2})
                .addi(restB.square().sum(new int[] {1}))
                .addi(restV.square().sum(new int[] {1, 2}));
        NDArray t = e.matMul(restV);
        NDArray gateSlope =
                x.matMul(restW.swapAxes(1, 2)).addi(restB.expandDims(1)).muli(-2);
        NDArray inner = gateSlope
                .mul(share)
                .muli(u)
                .muli(alpha)
                .muli(s)
                .muli(s.neg().addi(1))
                .subi(t.mul(s).muli(share).muli(2));
        NDArray slopeX = g.matMul(restW).muli(-2).addi(inner.matMul(w));
        NDArray slopeL = gateSlope.mul(su).subi(a.mul(t).muli(2)).sum(COLUMNS).divi(m);
        if (c != null) {
            NDArray restC = shared.sum(new int[] {1}).neg().addi(c);
            value.addi(restC.square().sum(new int[] {1}));
            slopeL.subi(e.mul(restC.expandDims(1)).sum(COLUMNS).muli(2).divi(m));
        }
        slopeL.subi(Activation.relu(lambdaMin.sub(l)).muli(10));
        return new Gradient(value, slopeX, slopeL);
    }

    private NDArray outputSide(NDArray a, NDArray labels) {
        if (outputs == 1) {
            return labels;
        }
        NDArray logits = a.matMul(v.transpose());
        if (c != null) {
            logits.addi(c);
        }
        // The class itself is no rival.
        logits.subi(labels.mul(1e9));
        return labels.sub(
                rivals == Rivals.SOFT ? logits.softmax(-1) : logits.argMax(2).oneHot(outputs, labels.getDataType()));
    }
}
