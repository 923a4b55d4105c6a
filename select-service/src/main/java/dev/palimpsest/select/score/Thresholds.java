package dev.palimpsest.select.score;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cosines that recovery is counted at, and counting itself. */
public final class Thresholds {
    /** As text, as they are written in results; ascending. */
    public static final List<String> ALL = List.of("0.75", "0.9", "0.95");

    private Thresholds() {}

    /**
     * How many values lie strictly above each threshold. Used for matched cosines and for recoverable bounds: a member can be
     * recovered at most to the cosine {@code ||P x|| / ||x||}, P the projector on the row space of the head.
     *
     * @param values one per member
     * @return by threshold, ascending
     */
    public static Map<String, Integer> countAbove(double[] values) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String threshold : ALL) {
            double t = Double.parseDouble(threshold);
            int count = 0;
            for (double value : values) {
                if (value > t) {
                    count++;
                }
            }
            counts.put(threshold, count);
        }
        return Collections.unmodifiableMap(counts);
    }
}
