package dev.palimpsest.cli.command;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last values of a figure in one line of characters, the largest on top. */
final class Sparkline {
    private static final String LEVELS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private static final int MOST = 16;

    private final Deque<Double> values = new ArrayDeque<>();

    /** Adds a value unless it is the last one again. */
    void add(double value) {
        if (Double.isFinite(value) && (values.isEmpty() || values.getLast() != value)) {
            if (values.size() == MOST) {
                values.removeFirst();
            }
            values.addLast(value);
        }
    }

    /** Empty with fewer than two values. */
    @Override
    public String toString() {
        if (values.size() < 2) {
            return "";
        }
        double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double value : values) {
            double share = most > least ? (value - least) / (most - least) : 0;
            line.append(LEVELS.charAt((int) Math.min(LEVELS.length() - 1, share * LEVELS.length())));
        }
        return line.toString();
    }
}
