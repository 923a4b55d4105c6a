package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;

/** The head as a function of row-space coordinates u, {@code x = u q}. */
final class ReducedHead {
    private final Head head;
    private final int r;
    private final double[] w;

    ReducedHead(Head head, RowSpace space) {
        this.head = head;
        this.r = space.rank();
        this.w = space.coordinates(head.w(), head.hidden());
    }

    /** First layer, {@code [h, r]} row by row. */
    double[] w() {
        return w;
    }

    /** {@code w_k u + b_k}. */
    double activation(int k, double[] u) {
        double z = head.b()[k];
        for (int i = 0, at = k * r; i < r; i++, at++) {
            z += w[at] * u[i];
        }
        return z;
    }

    /** The logits, {@code [C]}. */
    double[] logits(double[] u) {
        int outputs = head.outputs();
        double[] c = head.c();
        double[] logits = c == null ? new double[outputs] : c.clone();
        for (int k = 0; k < head.hidden(); k++) {
            double z = activation(k, u);
            if (z > 0) {
                for (int o = 0; o < outputs; o++) {
                    logits[o] += head.v()[o * head.hidden() + k] * z;
                }
            }
        }
        return logits;
    }

    /** The class of logits: for one output 1 where it is positive. */
    static int label(double[] logits) {
        int best = 0;
        for (int o = 1; o < logits.length; o++) {
            best = logits[o] > logits[best] ? o : best;
        }
        return logits.length == 1 ? (logits[0] > 0 ? 1 : 0) : best;
    }

    /** What the head says of a point: its class, and on the output side {@code e_y - softmax} (one output: y sigmoid(-y phi)). */
    Answer answer(double[] u) {
        double[] logits = logits(u);
        if (logits.length == 1) {
            double multiplier = 1 / (1 + Math.exp(Math.abs(logits[0])));
            return new Answer(
                    logits[0] > 0 ? 1 : 0, multiplier, new double[] {logits[0] > 0 ? multiplier : -multiplier});
        }
        int best = label(logits);
        double sum = 0;
        double[] side = new double[logits.length];
        for (int o = 0; o < side.length; o++) {
            side[o] = Math.exp(logits[o] - logits[best]);
            sum += side[o];
        }
        for (int o = 0; o < side.length; o++) {
            side[o] /= -sum;
        }
        side[best] += 1;
        return new Answer(best, side[best], side);
    }

    /**
     * @param label class index
     * @param residual how far the head is from certainty; over n wd it is the multiplier of a member at stationarity
     * @param side {@code [C]} the output side of a member's gradient
     */
    @SuppressWarnings("ArrayRecordComponent") // a few numbers, compared by nobody
    record Answer(int label, double residual, double[] side) {}
}
