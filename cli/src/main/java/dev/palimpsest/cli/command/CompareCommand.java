package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        description = "Put audits side by side: specs, numbers, and whether chance explains the difference.",
        footer = {"", "Example: palimpsest compare a1b2c3 d4e5f6"})
final class CompareCommand implements Callable<Integer> {
    private static final int COLUMN = 26;
    private static final int MEMBERS = 10;

    @Parameters(paramLabel = "AUDIT", arity = "2..8", description = "two to eight ids, the one to compare with first")
    List<String> ids;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        JsonNode comparison = server.client()
                .read("/api/v1/compare?"
                        + ids.stream()
                                .map(id -> "audit=" + GatewayClient.encode(id))
                                .collect(Collectors.joining("&")));
        if (!output.json(comparison, System.out)) {
            table(comparison);
        }
        return 0;
    }

    private static void table(JsonNode comparison) {
        StringBuilder head = new StringBuilder(cell("", 44));
        StringBuilder grades = new StringBuilder(cell("grade", 44));
        for (JsonNode audit : comparison.path("audits")) {
            head.append(cell(audit.path("id").asText(), COLUMN));
            grades.append(cell(audit.path("grade").asText("-"), COLUMN));
        }
        System.out.println(head.toString().stripTrailing());
        System.out.println(grades.toString().stripTrailing());
        for (JsonNode measure : comparison.path("measures")) {
            StringBuilder line = new StringBuilder(cell(measure.path("name").asText(), 44));
            for (int i = 0; i < measure.path("values").size(); i++) {
                line.append(cell(
                        number(
                                measure.path("values").get(i),
                                measure.path("differences").get(i)),
                        COLUMN));
            }
            System.out.println(line.toString().stripTrailing());
        }
        System.out.println(
                "Differences are to the first audit, in brackets their 95 % intervals; * where 0 lies outside.");
        System.out.println();
        System.out.println("Specs differ in:");
        for (JsonNode spec : comparison.path("spec")) {
            StringBuilder line = new StringBuilder("  " + cell(spec.path("path").asText(), 42));
            spec.path("values").forEach(value -> line.append(cell(value.asText("-"), COLUMN)));
            System.out.println(line.toString().stripTrailing());
        }
        System.out.println();
        System.out.println("Cosine of what came back, for the members that came back best:");
        int rows = Math.min(MEMBERS, comparison.path("gallery").size());
        for (int r = 0; r < rows; r++) {
            JsonNode row = comparison.path("gallery").get(r);
            StringBuilder line = new StringBuilder("  " + cell(row.path("name").asText(), 42));
            row.path("tiles")
                    .forEach(tile -> line.append(cell(
                            tile.path("nearest").path("cosine").isNumber()
                                    ? String.format(
                                            Locale.ROOT,
                                            "%.3f",
                                            tile.path("nearest").path("cosine").asDouble())
                                    : "-",
                            COLUMN)));
            System.out.println(line.toString().stripTrailing());
        }
    }

    private static String number(JsonNode value, JsonNode difference) {
        if (!value.isNumber()) {
            return "-";
        }
        String text = String.format(Locale.ROOT, "%.3f", value.asDouble());
        if (!difference.isObject()) {
            return text;
        }
        double low = difference.path("low").asDouble();
        double high = difference.path("high").asDouble();
        return text
                + String.format(
                        Locale.ROOT,
                        " %+.2f [%.2f, %.2f]%s",
                        difference.path("value").asDouble(),
                        low,
                        high,
                        low > 0 || high < 0 ? "*" : "");
    }

    /** Cut or filled to a width, with a space behind. */
    private static String cell(String text, int width) {
        String cut = text.length() < width ? text : text.substring(0, width - 2) + "\u2026";
        return cut + " ".repeat(width - cut.length());
    }
}
