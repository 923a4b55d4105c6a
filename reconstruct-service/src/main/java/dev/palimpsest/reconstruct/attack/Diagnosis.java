package dev.palimpsest.reconstruct.attack;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a head says about its own training before anything is searched: whether its weights can be the stationary point that the attack
 * needs. Takes the singular values of the first layer and nothing else that costs time.
 *
 * <p>Two facts bound the relative residual {@code ||grad loss + wd theta|| / ||wd theta||} from below, whatever the members are. The
 * gradient by W is a sum of n outer products, so W is no closer to stationary than to a matrix of rank n (Eckart and Young 1936). And with
 * ReLU a neuron's gradient has the same product with its input weights as with its output weights, so that at a stationary point both have
 * the same length: {@code sum_k | ||w_k||^2 + b_k^2 - ||v_k||^2 | / ||theta||^2} is a lower bound too.
 *
 * <p>The smallest tenth of the singular values shows what is left of the start: a Linear layer of PyTorch begins with numbers uniform in
 * +-1/sqrt(d), whose singular values follow the law of Marchenko and Pastur (1967), and gradient descent shrinks them all by
 * {@code exp(-lr wd epochs)} outside of the members' span. Singular values above the largest of those belong to members.
 *
 * @param rank singular values above {@link RowSpace#CUT} of the first
 * @param directions singular values above what is left of the start: at least so many members left a trace
 * @param clear whether a gap separates the two kinds
 * @param startLeft share of the start values that is left, 1 when nothing has decayed; where members are nearly as many as neurons or
 *     inputs, an upper bound. Null for a head without hidden layer
 * @param residualAtLeast lower bound of the relative stationarity residual
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Diagnosis(
        int rank, int directions, boolean clear, @Nullable Double startLeft, double residualAtLeast) {
    /** Above that bound the weights are no stationary point: what the attack finds there is noise. Heads that it works on have below .01. */
    static final double NOT_STATIONARY = .3;
    /** Above that share the start values are the better part of what is left. */
    static final double STILL_THERE = .1;

    private static final double ABOVE_START = 1.2;
    /** Numbers of float32 are no better than that, relative to the first. */
    private static final double ROUNDING = 1e-6;

    /**
     * @param members how many trained the head; 0 when unknown
     * @param values all singular values of the first layer, falling
     */
    static Diagnosis of(Head head, double[] values, int members) {
        if (head.linear()) {
            int rank = above(values, RowSpace.CUT * values[0]);
            return new Diagnosis(rank, rank, true, null, 0);
        }
        double left = startLeft(values, head.inputs(), head.hidden());
        double floor = Math.max(ABOVE_START * left * largestAtStart(head), ROUNDING * values[0]);
        int directions = above(values, floor);
        boolean clear = directions < values.length && values[directions - 1] > 2 * values[directions] || left == 0;
        double bound = imbalance(head);
        if (members > 0) {
            double tail = 0;
            for (int i = members; i < values.length; i++) {
                tail += values[i] * values[i];
            }
            bound = Math.max(bound, Math.sqrt(tail / head.squaredLength()));
        }
        return new Diagnosis(above(values, RowSpace.CUT * values[0]), directions, clear, left, bound);
    }

    private static int above(double[] values, double floor) {
        int count = 0;
        while (count < values.length && values[count] > floor) {
            count++;
        }
        return Math.max(1, count);
    }

    /** Median of the smallest tenth, over where the law puts it. */
    private static double startLeft(double[] values, int d, int h) {
        double median = values[(int) (values.length * .95)];
        double ratio = Math.min(d, h) / (double) Math.max(d, h);
        return median / (Math.sqrt(Math.max(d, h) / (3. * d)) * MarchenkoPastur.quantile(.05, ratio));
    }

    private static double largestAtStart(Head head) {
        return (Math.sqrt(head.inputs()) + Math.sqrt(head.hidden())) / Math.sqrt(3. * head.inputs());
    }

    private static double imbalance(Head head) {
        if (head.activation() != HeadActivation.RELU) {
            return 0;
        }
        double largest = 0;
        for (int i = 0; i + 1 < head.layers().size(); i++) {
            Head.Layer in = head.layers().get(i);
            Head.Layer out = head.layers().get(i + 1);
            double sum = 0;
            for (int k = 0; k < in.outputs(); k++) {
                double[] bias = in.bias();
                double difference = bias == null ? 0 : bias[k] * bias[k];
                for (int c = 0; c < in.inputs(); c++) {
                    difference += in.weight()[k * in.inputs() + c] * in.weight()[k * in.inputs() + c];
                }
                for (int o = 0; o < out.outputs(); o++) {
                    difference -= out.weight()[o * in.outputs() + k] * out.weight()[o * in.outputs() + k];
                }
                sum += Math.abs(difference);
            }
            largest = Math.max(largest, sum);
        }
        return largest / head.squaredLength();
    }

    /** Whether the weights can be a stationary point, as far as this tells. */
    public boolean stationary() {
        return residualAtLeast < NOT_STATIONARY && (startLeft == null || startLeft < STILL_THERE);
    }

    /** What a report must say: why there is nothing to find, or nothing. */
    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        if (stationary()) {
            return sentences;
        }
        sentences.add(String.format(
                Locale.ROOT,
                "The weights are no stationary point of training with weight decay: the relative residual is at least %.2f (heads that"
                        + " members come back from have a bound below .01), and the first layer has rank %d.",
                residualAtLeast,
                rank));
        if (startLeft != null && startLeft >= STILL_THERE) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "About %.0f %% of the start values are still in the first layer (as exp(-learning rate x weight decay x epochs)"
                            + " says, if it began as a Linear layer of PyTorch does): the head was trained without weight decay, or not"
                            + " for long enough. They drown what members left.",
                    100 * Math.min(1, startLeft)));
        } else {
            sentences.add(
                    "The start values have faded, but the weights do not balance between the layers as full-batch descent leaves"
                            + " them: the head was trained by another optimiser (Adam, small batches) or stopped early.");
        }
        return sentences;
    }
}
