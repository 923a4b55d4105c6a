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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a study's result: {@code cells.csv}, {@code settings.csv}, {@code study.json}, {@code frontier.svg} and, where one is asked for, {@code curve.svg}. */
public final class StudyFiles {
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
            Files.writeString(folder.resolve("settings.csv"), settings(summaries));
            Files.writeString(folder.resolve("frontier.svg"), Plots.frontier(study.name(), summaries, gateway));
            if (study.plot() != null) {
                Files.writeString(folder.resolve("curve.svg"), Plots.curve(study.name(), study.plot(), outcomes));
            }
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
                "stationarityResidual",
                "audit",
                "recoveredWithMembers",
                "controlsWithMembers",
                "precisionOfFirst20")) {
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
                        number(outcome.residual()),
                        outcome.audit().isEmpty() ? "" : link(gateway, outcome.audit()),
                        number(outcome.withMembers()),
                        number(outcome.withControls()),
                        number(outcome.precision())))
                .toList();
        return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(rows);
    }

    /** A line a setting; means with the ends of their 95 % intervals. */
    static String settings(List<Summary> summaries) throws IOException {
        CsvSchema.Builder schema = CsvSchema.builder();
        for (String column : List.of("setting", "cells", "done", "failed", "nothingToSearch", "worstGrade")) {
            schema.addColumn(column);
        }
        withEnds(
                schema,
                "recovered",
                "recoverable",
                "tprAtFpr1",
                "bestControl",
                "heldOutAccuracy",
                "stationarityResidual");
        schema.addColumn("dpEpsilon");
        withEnds(schema, "recoveredWithMembers", "controlsWithMembers", "precisionOfFirst20");
        List<List<String>> rows = new ArrayList<>();
        for (Summary summary : summaries) {
            List<String> row = new ArrayList<>(List.of(
                    summary.group(),
                    String.valueOf(summary.cells()),
                    String.valueOf(summary.done()),
                    String.valueOf(summary.failed()),
                    String.valueOf(summary.unsearched()),
                    summary.worst() == null ? "" : summary.worst()));
            addAll(
                    row,
                    summary.recovered(),
                    summary.recoverable(),
                    summary.tpr(),
                    summary.bestControl(),
                    summary.accuracy(),
                    summary.residual());
            row.add(number(summary.epsilon()));
            addAll(row, summary.withMembers(), summary.withControls(), summary.precision());
            rows.add(row);
        }
        return new CsvMapper().writer(schema.build().withHeader()).writeValueAsString(rows);
    }

    private static void withEnds(CsvSchema.Builder schema, String... columns) {
        for (String column : columns) {
            schema.addColumn(column).addColumn(column + "Low").addColumn(column + "High");
        }
    }

    private static void addAll(List<String> row, @Nullable Interval... intervals) {
        for (Interval interval : intervals) {
            row.add(number(interval == null ? null : interval.mean()));
            row.add(number(interval == null ? null : interval.low()));
            row.add(number(interval == null ? null : interval.high()));
        }
    }

    static String link(String gateway, String audit) {
        return gateway.replaceAll("/+$", "") + "/api/v1/audits/" + audit + "/report";
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }
}
