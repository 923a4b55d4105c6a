package dev.palimpsest.cli.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pictures of a study's result; bars are 95 % intervals over repetitions. */
final class Plots {
    private static final String RECOVERED = "members recovered above cosine 0.9";
    /** From that factor between ends on, an axis is logarithmic. */
    private static final double WIDE = 20;

    private Plots() {}

    /** Leak against accuracy, one point a setting; a ring where the attack found nothing to search for. */
    static String frontier(String name, List<Summary> summaries, String gateway) {
        SvgPlot plot = new SvgPlot(
                name,
                SvgPlot.Axis.shares("accuracy on held-out samples", ends(summaries, Summary::accuracy), true),
                SvgPlot.Axis.shares(RECOVERED, ends(summaries, Summary::recovered), false));
        int number = 0;
        for (Summary summary : summaries) {
            number++;
            String colour = SvgPlot.colour(number);
            Interval leak = summary.recovered();
            Interval accuracy = summary.accuracy();
            if (leak != null && accuracy != null) {
                String href = summary.audits().isEmpty()
                        ? gateway
                        : StudyFiles.link(gateway, summary.audits().get(0));
                plot.point(accuracy.mean(), leak.mean(), accuracy, leak, colour, !summary.searched(), href);
                plot.word(accuracy.mean(), leak.mean(), String.valueOf(number), colour);
            }
            plot.legend(
                    number + "  " + summary.group()
                            + (leak == null || accuracy == null
                                    ? " (no result)"
                                    : summary.searched() ? "" : " (nothing to search for)"),
                    colour);
        }
        return plot.svg();
    }

    /** Of all intervals, both ends, so that everything is inside. */
    private static double[] ends(List<Summary> summaries, Function<Summary, @Nullable Interval> part) {
        List<Double> ends = new ArrayList<>();
        for (Summary summary : summaries) {
            Interval interval = part.apply(summary);
            if (interval != null) {
                Double low = interval.low();
                Double high = interval.high();
                ends.add(low == null ? interval.mean() : low);
                ends.add(high == null ? interval.mean() : high);
            }
        }
        return ends.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Recovered and recoverable against the values of one key of the grid: one pair of lines for each of the other settings. */
    static String curve(String name, String key, List<Outcome> outcomes) {
        Map<String, TreeMap<Double, List<Outcome>>> lines = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            Map<String, String> settings = outcome.cell().settings();
            if (outcome.state().equals("done") && outcome.recovered() != null) {
                lines.computeIfAbsent(outcome.cell().groupWithout(key), group -> new TreeMap<>())
                        .computeIfAbsent(number(settings.get(key)), at -> new ArrayList<>())
                        .add(outcome);
            }
        }
        TreeSet<Double> ticks = lines.values().stream()
                .flatMap(line -> line.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        if (ticks.isEmpty()) {
            ticks.add(0.);
        }
        SvgPlot plot = new SvgPlot(
                name,
                new SvgPlot.Axis(key, List.copyOf(ticks), ticks.first() > 0 && ticks.last() > WIDE * ticks.first()),
                SvgPlot.Axis.share("share of the members, above cosine 0.9"));
        int number = 0;
        for (Map.Entry<String, TreeMap<Double, List<Outcome>>> line : lines.entrySet()) {
            String colour = SvgPlot.colour(++number);
            List<double[]> recovered = new ArrayList<>();
            List<double[]> bound = new ArrayList<>();
            line.getValue().forEach((at, cells) -> {
                for (Summary summary : Summary.of(List.copyOf(cells))) {
                    Interval came = summary.recovered();
                    Interval could = summary.recoverable();
                    if (came != null && could != null) {
                        recovered.add(new double[] {at, came.mean()});
                        bound.add(new double[] {at, could.mean()});
                        plot.point(at, came.mean(), null, came, colour, !summary.searched(), null);
                    }
                }
            });
            plot.line(recovered, colour, false);
            plot.line(bound, colour, true);
            String label = line.getKey().isEmpty() ? "" : line.getKey() + ": ";
            plot.legend(label + "recovered (line; ring: nothing to search for)", colour);
            plot.legend(label + "recoverable by the bound (dashed)", colour);
        }
        return plot.svg();
    }

    /** A number as it is, a list by its length; NaN for anything else, which {@link Study} refuses. */
    static double number(@Nullable String setting) {
        try {
            JsonNode value = Json.mapper().readTree(String.valueOf(setting));
            return value.isArray() ? value.size() : value.isNumber() ? value.asDouble() : Double.NaN;
        } catch (JsonProcessingException e) {
            return Double.NaN;
        }
    }
}
