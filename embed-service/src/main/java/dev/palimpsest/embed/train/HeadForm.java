package dev.palimpsest.embed.train;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.HeadActivation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a head is made of, and the loss that it is trained with.
 *
 * @param depth hidden layers; 0 for a linear head
 */
public record HeadForm(int depth, HeadActivation activation, Loss loss, Biases biases) {
    /** The head of the paper. */
    public static final HeadForm USUAL = new HeadForm(1, HeadActivation.RELU, Loss.CROSS_ENTROPY, Biases.HIDDEN);

    /** Checks the depth. */
    public HeadForm {
        if (depth < 0) {
            throw new PalimpsestException(ErrorCode.BAD_SPEC, "A head needs depth >= 0, found " + depth);
        }
    }

    /** Which layers have a bias. */
    public enum Biases {
        /** All but the last. */
        HIDDEN,
        ALL,
        NONE;

        boolean at(int layer, int layers) {
            return this == ALL || this == HIDDEN && layer + 1 < layers;
        }
    }

    /** What is minimised, of logits o and targets t: +-1 for one output, else 1 for the class and 0 for the others. */
    public enum Loss {
        /** {@code log(1 + exp(-t o))}, or the cross entropy of several outputs. */
        CROSS_ENTROPY,
        /** {@code sum (o - t)^2}. */
        MSE,
        /** {@code sum r^2 / 2} where {@code |r| = |o - t|} is below 1, {@code |r| - 1/2} beyond (Huber 1964). */
        HUBER;

        /** Derivative by the logits, {@code [n, C]}. */
        NDArray slope(NDArray o, NDArray t) {
            return switch (this) {
                case CROSS_ENTROPY ->
                    o.getShape().get(1) == 1
                            ? o.mul(t)
                                    .neg()
                                    .getNDArrayInternal()
                                    .sigmoid()
                                    .muli(t)
                                    .muli(-1f)
                            : o.softmax(1).subi(t);
                case MSE -> o.sub(t).muli(2);
                case HUBER -> o.sub(t).clip(-1, 1);
            };
        }

        /** Summed over samples. */
        NDArray value(NDArray o, NDArray t) {
            return switch (this) {
                case CROSS_ENTROPY ->
                    o.getShape().get(1) == 1
                            ? o.abs()
                                    .neg()
                                    .exp()
                                    .addi(1)
                                    .log()
                                    .addi(Activation.relu(o.mul(t).neg()))
                                    .sum()
                            : o.logSoftmax(1).muli(t).sum().neg();
                case MSE -> o.sub(t).square().sum();
                case HUBER -> {
                    NDArray r = o.sub(t).abs();
                    NDArray near = r.clip(0, 1);
                    yield r.subi(near.mul(.5f)).muli(near).sum();
                }
            };
        }
    }

    /** By the words of a spec; null is the usual. */
    public static HeadForm of(
            @Nullable Integer depth, @Nullable String activation, @Nullable String loss, @Nullable String biases) {
        return new HeadForm(
                depth == null ? USUAL.depth : depth,
                activation == null ? USUAL.activation : HeadActivation.named(activation),
                loss == null ? USUAL.loss : Loss.valueOf(constant(loss)),
                biases == null ? USUAL.biases : Biases.valueOf(constant(biases)));
    }

    private static String constant(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
