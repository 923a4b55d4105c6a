package dev.palimpsest.gateway.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import io.quarkus.qute.Engine;
import io.quarkus.qute.HtmlEscaper;
import io.quarkus.qute.RawString;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import io.quarkus.qute.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link Report} as one HTML file: pictures, style and plots are inside. Everything that comes from outside is escaped, and
 * the page's own policy lets only this class's style and scripts run, by their digests.
 */
public final class ReportPage {
    private static final String CHART_JS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private static final int COLOURS = 12;

    private final Template template;
    private final String style = resource("/report/report.css");
    private final String plots = resource("/report/plots.js");
    private final String charts = resource(CHART_JS).replaceAll("(?m)^//# sourceMappingURL=.*$", "");

    public ReportPage() {
        Engine engine = Engine.builder()
                .addDefaults()
                .addValueResolver(new ReflectionValueResolver())
                .addResultMapper(new HtmlEscaper(List.of(Variant.TEXT_HTML)))
                .build();
        template = engine.parse(resource("/report/report.html"), Variant.forContentType(Variant.TEXT_HTML));
    }

    /** The page; {@code pictures} is asked for each picture of the gallery. */
    public String render(Report report, Pictures pictures) {
        List<String> classes = Stream.concat(
                        report.gallery().stream().map(Report.Entry::label),
                        report.members().stream().map(Report.Member::label))
                .filter(label -> !label.isEmpty())
                .distinct()
                .sorted()
                .toList();
        return template.data("report", report)
                .data("tiles", tiles(report.verdict(), report))
                .data(
                        "cards",
                        report.gallery().stream()
                                .map(entry -> Card.of(entry, pictures, classes.indexOf(entry.label())))
                                .toList())
                .data(
                        "classes",
                        classes.stream()
                                .map(name -> new ClassKey(name, colour(classes.indexOf(name))))
                                .toList())
                .data("repeated", classes.size() > COLOURS)
                .data("measured", measured(report.advice()))
                .data("settings", settings(report.advice()))
                .data(
                        "members",
                        report.members().stream()
                                .map(member -> new MemberLine(
                                        member,
                                        Numbers.cosine(member.cosine()),
                                        colour(classes.indexOf(member.label()))))
                                .toList())
                .data("counts", report.counts().stream().map(CountLine::of).toList())
                .data("grade", report.verdict() == null ? "?" : gradeLetter(report.verdict()))
                .data("json", new RawString(json(report)))
                .data("style", new RawString(style))
                .data("plots", new RawString(plots))
                .data("charts", new RawString(charts))
                .data(
                        "policy",
                        new RawString("default-src 'none'; img-src data:; style-src " + digest(style) + "; script-src "
                                + digest(charts) + " " + digest(plots) + "; base-uri 'none'; form-action 'none'"))
                .render();
    }

    private static String measured(@Nullable DefenceAdvice advice) {
        return advice == null
                ? ""
                : advice.measured().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static List<SettingLine> settings(@Nullable DefenceAdvice advice) {
        return advice == null
                ? List.of()
                : advice.settings().stream().map(SettingLine::of).toList();
    }

    /** A defence that was tried, with its numbers in words. */
    public record SettingLine(
            DefenceAdvice.Setting setting,
            String grade,
            String recovered,
            String recoverable,
            String tpr,
            String accuracy,
            String epsilon) {
        static SettingLine of(DefenceAdvice.Setting setting) {
            String grade = setting.grade();
            Double epsilon = setting.dpEpsilon();
            return new SettingLine(
                    setting,
                    grade == null ? setting.state() : setting.searched() ? grade : grade + "*",
                    percent(setting.recovered()),
                    percent(setting.recoverable()),
                    percent(setting.tprAtFpr1()),
                    percent(setting.heldOutAccuracy()),
                    epsilon == null ? "" : Numbers.plain(epsilon));
        }

        private static String percent(@Nullable Double share) {
            return share == null ? "-" : Numbers.percent(share);
        }
    }

    /** A class with the number of its colour. */
    public record ClassKey(String name, int colour) {}

    /** A number in large type. */
    public record Tile(String value, String label) {}

    /** A row of the table, with the interval in words. */
    public record CountLine(Report.Count count, String interval) {
        static CountLine of(Report.Count count) {
            return new CountLine(count, Numbers.percent(count.low()) + " to " + Numbers.percent(count.high()));
        }
    }

    /** A picture pair with its words, and the number of its class's colour from 1; 0 for none. */
    public record Card(
            Report.Entry entry,
            @Nullable String picture,
            @Nullable String member,
            @Nullable String upperBound,
            String cosine,
            String pictureCosine,
            boolean compared,
            int colour,
            String measures) {
        static Card of(Report.Entry entry, Pictures pictures, int label) {
            Double cosine = entry.cosine();
            return new Card(
                    entry,
                    pictures.dataUri(entry.picture()),
                    entry.member() == null ? null : pictures.dataUri(entry.member()),
                    entry.upperBound() == null ? null : pictures.dataUri(entry.upperBound()),
                    cosine == null ? "not known" : Numbers.cosine(cosine),
                    Numbers.cosine(entry.pictureCosine()),
                    cosine != null,
                    ReportPage.colour(label),
                    entry.measures() == null ? "" : Wording.measures(entry.measures()));
        }
    }

    /** A member as a line of the table, with the number of its class's colour. */
    public record MemberLine(Report.Member member, String cosine, int colour) {}

    private static int colour(int label) {
        return label < 0 ? 0 : label % COLOURS + 1;
    }

    private static List<Tile> tiles(@Nullable VerdictView verdict, Report report) {
        if (verdict == null) {
            return List.of();
        }
        Report.Count count = report.count("0.9");
        return List.of(
                new Tile(
                        count == null ? "not known" : count.recovered() + " of " + count.members(),
                        "members recovered above cosine 0.9"),
                new Tile(count == null ? "not known" : String.valueOf(count.recoverable()), "were recoverable at 0.9"),
                new Tile(Numbers.cosine(verdict.nullMaximum()), "best cosine of any control: the null"),
                new Tile(Numbers.percent(verdict.tprAtFpr1()), "of members found at 1 % false positives"));
    }

    private static String gradeLetter(VerdictView verdict) {
        return verdict.grade().length() == 1 ? verdict.grade() : "?";
    }

    /** JSON that is safe between script tags: no character of it can end them. */
    private static String json(Report report) {
        try {
            return Json.mapper()
                    .writeValueAsString(report.plots())
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the numbers of the plots", e);
        }
    }

    private static String digest(String content) {
        byte[] digest = Digests.newDigest().digest(content.getBytes(StandardCharsets.UTF_8));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new PalimpsestException(ErrorCode.INTERNAL, "The gateway was built without " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
