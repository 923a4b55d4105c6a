package dev.palimpsest.cli.command;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a stage's process counts, as it says in Prometheus' text format.
 *
 * @param units by outcome: done, failed, redelivered
 * @param deadLetters by code
 * @param runningSeconds how long the unit in hand has been running; 0 when idle
 * @param gpuUsed bytes of its GPU that are in use, by whomever; not a number without one
 * @param gpuMax bytes that the GPU has
 */
record ServiceMetrics(
        Map<String, Long> units, Map<String, Long> deadLetters, double runningSeconds, double gpuUsed, double gpuMax) {
    /** Longer than any unit is meant to take. */
    static final double STUCK_SECONDS = 15 * 60.0;

    private static final double GIB = 1L << 30;

    private static final Pattern LINE = Pattern.compile("(palimpsest_\\w+)(?:\\{(.*)\\})? (\\S+)");

    static ServiceMetrics of(String text) {
        Map<String, Long> units = new TreeMap<>();
        Map<String, Long> letters = new TreeMap<>();
        double running = 0;
        double gpuUsed = Double.NaN;
        double gpuMax = Double.NaN;
        for (String line : text.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                continue;
            }
            String labels = matcher.group(2) == null ? "" : matcher.group(2);
            double value = Double.parseDouble(matcher.group(3));
            switch (matcher.group(1)) {
                case "palimpsest_units_total" -> units.merge(label(labels, "outcome"), (long) value, Long::sum);
                case "palimpsest_dead_letters_total" -> letters.merge(label(labels, "code"), (long) value, Long::sum);
                case "palimpsest_unit_running_seconds" -> running = Math.max(running, value);
                case "palimpsest_gpu_memory_used_bytes" -> gpuUsed = value;
                case "palimpsest_gpu_memory_max_bytes" -> gpuMax = value;
                default -> {
                    // Others are for graphs.
                }
            }
        }
        return new ServiceMetrics(units, letters, running, gpuUsed, gpuMax);
    }

    private static String label(String labels, String name) {
        Matcher matcher = Pattern.compile("(?:^|,)" + name + "=\"([^\"]*)\"").matcher(labels);
        return matcher.find() ? matcher.group(1) : "";
    }

    boolean stuck() {
        return runningSeconds > STUCK_SECONDS;
    }

    /** One line for a person. */
    String told() {
        String done = units.isEmpty()
                ? "no unit yet"
                : "units: " + units.toString().replaceAll("[{}]", "").replace("=", " ");
        String letters = deadLetters.isEmpty()
                ? ""
                : "; dead letters: "
                        + deadLetters.toString().replaceAll("[{}]", "").replace("=", " ");
        return done
                + letters
                + (runningSeconds > 0 ? "; one has been running for %.0f s".formatted(runningSeconds) : "")
                + (Double.isNaN(gpuUsed)
                        ? ""
                        : "; GPU memory in use: %.1f of %.1f GiB".formatted(gpuUsed / GIB, gpuMax / GIB));
    }
}
