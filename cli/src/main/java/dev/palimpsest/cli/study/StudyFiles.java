package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a study's result: {@code cells.csv}, {@code study.json} and {@code frontier.svg}. */
public final class StudyFiles {
    private static final int SIDE = 420;
    private static final int LEFT = 60;
    private static final int TOP = 40;
    private static final int LEGEND = 360;

    private StudyFiles() {}

    /** @param gateway below which audits are linked */
    public static void write(Path folder, Study study, List<Outcome> outcomes, String gateway) {
        List<Summary> summaries = Summary.of(outcomes);
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("schemaVersion", 1).put("name", study.name());
        json.set("summaries", Json.mapper().valueToTree(summaries));
        json.set("cells", Json.mapper().valueToTree(outcomes));
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("study.json"),
                    Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
            Files.writeString(folder.resolve("cells.csv"), csv(outcomes, gateway));
            Files.writeString(folder.resolve("frontier.svg"), frontier(study.name(), summaries, gateway));
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "Cannot write to " + folder + ": " + e.getMessage() + "; give another --out",
                    e);
        }
    }

    static String csv(List<Outcome> outcomes, String gateway) throws IOException {
        CsvSchema.Builder schema = CsvSchema.builder();
        for (String column : List.of(
                "cell",
                "setting",
                "seed",
                "state",
                "reason",
                "grade",
                "recovered",
                "recoverable",
                "tprAtFpr1",
                "bestControl",
                "heldOutAccuracy",
                "dpEpsilon",
                "audit")) {
            schema.addColumn(column);
        }
        List<List<String>> rows = outcomes.stream()
                .map(outcome -> List.of(
                        outcome.cell().spec().name(),
                        outcome.cell().group(),
                        outcome.cell().settings().getOrDefault(Cell.SEED, ""),
                        outcome.state(),
                        outcome.reason(),
                        outcome.grade() == null ? "" : outcome.grade(),
                        number(outcome.recovered()),
                        number(outcome.recoverable()),
                        number(outcome.tpr()),
                        number(outcome.bestControl()),
                        number(outcome.accuracy()),
                        number(outcome.epsilon()),
                        outcome.audit().isEmpty() ? "" : link(gateway, outcome.audit())))
                .toList();
        return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(rows);
    }

    /** Leak against accuracy: one point a setting, with bars from the lowest to the highest of its seeds. */
    static String frontier(String name, List<Summary> summaries, String gateway) {
        StringBuilder svg = new StringBuilder();
        say(
                svg,
                "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='12'>",
                LEFT + SIDE + LEGEND,
                Math.max(TOP + SIDE + 60, TOP + 20 * summaries.size() + 60));
        say(svg, "<text x='%d' y='22' font-size='15'>%s</text>", LEFT, escaped(name));
        for (int i = 0; i <= 5; i++) {
            double share = i / 5.;
            say(svg, "<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#ddd'/>", x(share), TOP, x(share), TOP + SIDE);
            say(
                    svg,
                    "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#ddd'/>",
                    LEFT,
                    y(share),
                    LEFT + SIDE,
                    y(share));
            say(svg, "<text x='%.1f' y='%d' text-anchor='middle'>%.1f</text>", x(share), TOP + SIDE + 16, share);
            say(svg, "<text x='%d' y='%.1f' text-anchor='end'>%.1f</text>", LEFT - 6, y(share) + 4, share);
        }
        say(
                svg,
                "<text x='%d' y='%d' text-anchor='middle'>accuracy on held-out samples</text>",
                LEFT + SIDE / 2,
                TOP + SIDE + 36);
        say(
                svg,
                "<text transform='translate(16,%d) rotate(-90)' text-anchor='middle'>members recovered above cosine 0.9</text>",
                TOP + SIDE / 2);
        int number = 0;
        for (Summary summary : summaries) {
            number++;
            Summary.Range leak = summary.recovered();
            Summary.Range accuracy = summary.accuracy();
            String colour = "hsl(" + number * 137 % 360 + ",65%,40%)";
            String told = leak == null || accuracy == null ? " (no result)" : "";
            if (leak != null && accuracy != null) {
                double px = x(accuracy.mean());
                double py = y(leak.mean());
                say(
                        svg,
                        "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>",
                        px,
                        y(leak.low()),
                        px,
                        y(leak.high()),
                        colour);
                say(
                        svg,
                        "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>",
                        x(accuracy.low()),
                        py,
                        x(accuracy.high()),
                        py,
                        colour);
                String audits = summary.audits().isEmpty()
                        ? gateway
                        : link(gateway, summary.audits().get(0));
                say(
                        svg,
                        "<a href='%s'><circle cx='%.1f' cy='%.1f' r='5' fill='%s'/></a>",
                        escaped(audits),
                        px,
                        py,
                        colour);
                say(svg, "<text x='%.1f' y='%.1f' fill='%s'>%d</text>", px + 7, py - 5, colour, number);
            }
            say(
                    svg,
                    "<text x='%d' y='%d' fill='%s'>%d  %s%s</text>",
                    LEFT + SIDE + 20,
                    TOP + 20 * number,
                    colour,
                    number,
                    escaped(summary.group()),
                    told);
        }
        return svg.append("</svg>\n").toString();
    }

    private static String link(String gateway, String audit) {
        return gateway.replaceAll("/+$", "") + "/api/v1/audits/" + audit + "/report";
    }

    private static void say(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static double x(double share) {
        return LEFT + share * SIDE;
    }

    private static double y(double share) {
        return TOP + (1 - share) * SIDE;
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
