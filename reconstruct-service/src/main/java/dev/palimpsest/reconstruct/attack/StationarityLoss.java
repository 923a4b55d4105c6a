package dev.palimpsest.reconstruct.attack;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * How far candidates are from making the head's weights stationary, with its gradient in closed form.
 *
 * <p>For candidates x {@code [R, m, r]} of R runs with multipliers l {@code [R, m]}: z = x W^T + b, s = sigmoid(alpha z) for the
 * derivative of ReLU, a = relu(z), c = l / m, u = V^T e, G = c (s o u); {@code L = ||W - G^T x||^2 + ||b - sum G||^2 +
 * ||V - sum c e a^T||^2 + 5 sum relu(lambdaMin - l)^2}. On the output side e is y for one output and {@code e_y - softmax} over the rivals
 * of class y for several; it is held fixed in the derivative.
 *
 * <p>After Buzaglo et al. 2023 (Deconstructing data reconstruction) and Oz et al. 2024; the closed form is ours.
 */
final class StationarityLoss {
    private static final int[] COLUMNS = {2};

    private final NDArray w;
    private final NDArray b;
    private final NDArray v;
    private final NDArray c;
    private final int outputs;

    /** {@code w [h, r]}, {@code b [h]}, {@code v [C, h]}, {@code c [C]} (zeros where the head has none). */
    StationarityLoss(NDArray w, NDArray b, NDArray v, NDArray c) {
        this.w = w;
        this.b = b;
        this.v = v;
        this.c = c;
        this.outputs = (int) v.getShape().get(0);
    }

    /**
     * @param value {@code [R]} squared residuals, without the term of lambdaMin
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
        NDArray restV = e.mul(share).swapAxes(1, 2).matMul(a).neg().addi(v);
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
        NDArray slopeL = gateSlope
                .mul(su)
                .subi(a.mul(t).muli(2))
                .sum(COLUMNS)
                .divi(m)
                .subi(Activation.relu(lambdaMin.sub(l)).muli(10));
        return new Gradient(value, slopeX, slopeL);
    }

    private NDArray outputSide(NDArray a, NDArray labels) {
        if (outputs == 1) {
            return labels;
        }
        // The class itself is no rival.
        NDArray logits = a.matMul(v.transpose()).addi(c).subi(labels.mul(1e9));
        return labels.sub(logits.softmax(-1));
    }
}
