package dev.palimpsest.gateway.report;

import dev.palimpsest.gateway.measure.Likeness;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The report as a table for spreadsheets, and as a paragraph for a model card. */
public final class ReportText {
    private static final List<String> COLUMNS = List.of(
            "item",
            "rank",
            "label",
            "candidates",
            "nearest",
            "cosine",
            "above_null",
            "picture_cosine",
            "steps",
            "ssim",
            "distance",
            "nearest_public",
            "nearest_public_distance",
            "upper_bound_distance");

    private ReportText() {}

    /** The gallery, one line a picture (RFC 4180). */
    public static String csv(Report report) {
        return Stream.concat(Stream.of(COLUMNS), report.gallery().stream().map(ReportText::cells))
                .map(row -> row.stream().map(ReportText::cell).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\r\n", "", "\r\n"));
    }

    private static List<String> cells(Report.Entry entry) {
        List<String> cells = new ArrayList<>(List.of(
                entry.item(),
                String.valueOf(entry.rank()),
                entry.label(),
                String.valueOf(entry.support()),
                entry.file() == null ? "" : entry.file(),
                number(entry.cosine()),
                String.valueOf(entry.aboveNull()),
                number(entry.pictureCosine()),
                String.valueOf(entry.steps())));
        Measures measures = entry.measures();
        if (measures == null) {
            cells.addAll(List.of("", "", "", "", ""));
        } else {
            cells.add(number(measures.member().ssim()));
            cells.add(number(measures.member().distance()));
            cells.add(measures.publicFile() == null ? "" : measures.publicFile());
            cells.add(distance(measures.nearestPublic()));
            cells.add(distance(measures.upperBound()));
        }
        return cells;
    }

    private static String distance(@Nullable Likeness likeness) {
        return likeness == null ? "" : number(likeness.distance());
    }

    /** A section for the model card of the audited head, in Markdown. */
    public static String modelCard(Report report) {
        StringBuilder text = new StringBuilder("## Reconstruction of training data\n\n");
        VerdictView verdict = report.verdict();
        text.append("Audited with Palimpsest, which attacks the head by its weights alone (arXiv 2407.15845). ")
                .append(plain(report.headline()))
                .append("\n\n");
        if (verdict != null) {
            text.append("**Grade ").append(plain(verdict.rule())).append("**\n\n");
            text.append(
                    "| cosine above | recovered | 95 % interval | recoverable | controls |\n| --- | --- | --- | --- | --- |\n");
            for (Report.Count count : report.counts()) {
                text.append("| %s | %d of %d | %s to %s | %d | %d |\n"
                        .formatted(
                                count.cosine(),
                                count.recovered(),
                                count.members(),
                                Numbers.percent(count.low()),
                                Numbers.percent(count.high()),
                                count.recoverable(),
                                count.controls()));
            }
            text.append('\n');
        }
        report.limits().forEach(limit -> text.append("- ").append(plain(limit)).append('\n'));
        return text.append("\nAudit `")
                .append(report.audit())
                .append("`, ")
                .append(report.generated())
                .append(".\n")
                .toString();
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }

    /** Quoted where needed; a text that a spreadsheet would take for a formula begins with an apostrophe. */
    private static String cell(String text) {
        String safe = text.matches("(?s)[=+@\\t\\r].*|-[^0-9.].*") ? "'" + text : text;
        return safe.matches("(?s).*[\",\r\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    /** Without what Markdown or HTML would take for more than text. */
    private static String plain(String text) {
        return text.replaceAll("([\\\\`*_\\[\\]<>|])", "\\\\$1").replaceAll("\\s+", " ");
    }
}
