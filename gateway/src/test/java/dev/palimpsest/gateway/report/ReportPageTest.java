package dev.palimpsest.gateway.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.spec.SpecReader;
import dev.palimpsest.gateway.measure.Likeness;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.CurveView;
import dev.palimpsest.gateway.view.Made;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportPageTest {
    private static final List<String> FILES = List.of(
            "animals/hen.jpg",
            "animals/gorilla.jpg",
            "animals/fish.jpg",
            "landmarks/opera.jpg",
            "landmarks/bridge.jpg",
            "animals/owl.jpg");
    private static final List<Double> COSINES = List.of(0.961, 0.934, 0.902, 0.857, 0.771, 0.42);

    private static final Measures MEASURES = new Measures(
            new Likeness(0.25, 0.3),
            new Likeness(0.2, 0.35),
            0.125,
            "control.jpg",
            new Likeness(0.2, 0.2),
            new Likeness(0.5, 0.1));

    private final Map<ArtifactRef, Object> stored = new HashMap<>();
    private @Nullable DefenceAdvice advice;
    private double reused;

    @BeforeAll
    static void headless() {
        System.setProperty("java.awt.headless", "true");
    }

    @Test
    void holdsTheNumbersOfTheAudit() throws IOException {
        String html = page("Animals or landmarks", FILES, true, Made.verdict());

        assertThat(html)
                .contains("13 of 72 training samples came back above cosine 0.9, and 28 above 0.75")
                .contains(
                        "<tr><th scope=\"row\">0.75</th><td>28</td><td>28.5 % to 50.4 %</td><td>41</td><td>72</td><td>0</td></tr>")
                .contains(
                        "<tr><th scope=\"row\">0.95</th><td>5</td><td>3.0 % to 15.2 %</td><td>12</td><td>72</td><td>0</td></tr>")
                .contains("<strong>0.512</strong><span>best cosine of any control: the null</span>")
                .contains("<strong>48.6 %</strong><span>of members found at 1 % false positives</span>")
                .contains("<strong>0.961</strong> cosine to this member")
                .contains("animals/hen.jpg")
                .contains("A note of the stage.")
                .contains("How many samples trained the head: 72.")
                .contains("DINOv2-small, tuned for saliency")
                .contains("sha256:" + "1".repeat(64));
        assertThat(html).contains("animals/hen.jpg</th><td>0.961</td>");
        assertThat(html)
                .contains(
                        "<span class=\"dot class-1\"></span>animals</span>",
                        "<span class=\"dot class-2\"></span>landmarks</span>")
                .doesNotContain("colours repeat");
        assertThat(html.split("above every control", -1)).hasSize(6);
        assertThat(html.split("no better than chance", -1)).hasSize(2);
        assertThat(html.split("src=\"data:image/png;base64,", -1)).hasSize(13);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/report.html"), html);
    }

    @Test
    void callsNothingChanceThatWasComparedWithNoControl() throws IOException {
        String html = page("Animals", FILES, true, null);

        assertThat(html)
                .contains("Without both members and controls there is no verdict")
                .contains("<strong>0.961</strong> cosine to this member</p>")
                .doesNotContain("no better than chance", "above every control");
    }

    @Test
    void asksNothingOfTheNetworkAndRunsOnlyItsOwnScripts() throws IOException {
        String html = page("Animals", FILES, true, Made.verdict());

        assertThat(html)
                .contains("content=\"default-src 'none'; img-src data:; style-src 'sha256-")
                .doesNotContain("unsafe-inline", "unsafe-eval", "<link", "src=\"http", "sourceMappingURL");
        assertThat(html.split("<script", -1)).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "{report.spec}",
                "' onclick='x",
                "</style>&amp;"
            })
    void escapesHostileNames(String name) throws IOException {
        List<String> files = new ArrayList<>(FILES);
        files.set(0, name);

        String html = page(name, files, false, Made.verdict());

        String harmless = html.replaceAll("(?s)<script.*?</script>", "").replaceAll("(?s)<style>.*?</style>", "");
        assertThat(harmless).doesNotContain("<script>alert", "<img src=x", "' onclick='x", "</style>&amp;");
        assertThat(html.split("<script", -1)).hasSize(4);
        String escaped = name.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
        assertThat(html).contains("<h1>" + escaped + "</h1>", "<p class=\"file\">" + escaped + "</p>");
    }

    @Test
    void jsonFitsTheSchemaInTheDocs() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Path.of("..", "docs", "report.schema.json")));
        for (Selection.Verdict verdict : Arrays.asList(Made.verdict(), null)) {
            advice = verdict == null ? null : advice();
            JsonNode json = Json.mapper().valueToTree(report("Animals", FILES, verdict));
            assertThat(schema.validate(json)).isEmpty();
            assertThat(json.at("/verdict/withMembers/matched/0.9").asInt()).isEqualTo(verdict == null ? 0 : 17);
            assertThat(json.at("/verdict/precision/20").asDouble()).isEqualTo(verdict == null ? 0 : .65);
            ((ObjectNode) json).put("grade", "E");
            assertThat(schema.validate(json)).hasSize(1);
        }
    }

    @Test
    void saysWhatDefencesDidOrHowToMeasureIt() throws IOException {
        assertThat(page("Animals", FILES, false, Made.verdict()))
                .contains("&#39;palimpsest advise a0123456789abcde&#39; trains this head again");

        advice = advice();
        assertThat(page("Animals", FILES, false, Made.verdict()))
                .contains("Take &lt;dropout&gt;.")
                .contains(
                        "<tr><th scope=\"row\">&lt;dropout&gt;</th><td>B</td><td>2.0 %</td><td>50.0 %</td><td>1.0 %</td><td>90.0 %</td><td></td><td>a2</td></tr>")
                .contains("<th scope=\"row\">Adam</th><td>A*</td><td>0.0 %</td>")
                .contains("<th scope=\"row\">failing</th><td>refused</td><td>-</td>");
    }

    private static DefenceAdvice advice() {
        return new DefenceAdvice(
                DefenceAdvice.SCHEMA_VERSION,
                Made.NOON,
                "Take <dropout>.",
                "<dropout>",
                List.of(
                        new DefenceAdvice.Setting("<dropout>", "a2", "done", "B", true, .02, .5, .01, .9, null),
                        new DefenceAdvice.Setting("Adam", "a3", "done", "A", false, 0., .5, .0, .9, 3.5),
                        new DefenceAdvice.Setting("failing", "", "refused", null, true, null, null, null, null, null)));
    }

    @Test
    void saysWhatIsThereBeforeTheAuditHasEnded() {
        Audits audits = new Audits(this::read);
        audits.apply(Made.event(new Message.TargetReady(Made.AUDIT, target(0))));
        Report report = builder().build(audits.snapshot(Made.AUDIT).orElseThrow(), List.of(), null, entry -> null);

        assertThat(report.headline()).isEqualTo("The audit is reconstructing: this report shows what is there so far.");
        assertThat(new ReportPage().render(report, ref -> null))
                .contains("The audit is <strong>reconstructing</strong>")
                .contains("Not how many samples trained the head.");
    }

    @Test
    void countsCosinesInBinsAndShares() {
        assertThat(PlotData.histogram(List.of(-0.2, 0.0, 0.039, 0.04, 0.999, 1.0)))
                .hasSize(25)
                .startsWith(3, 1, 0)
                .endsWith(0, 2);
        assertThat(PlotData.shares(List.of(0.0, 0.5, 1.0), List.of(0.2, 0.5, 0.9, 1.0)))
                .containsExactly(1.0, 0.75, 0.25);
    }

    @Test
    void showsNoPictureThatItCannotDecode() {
        assertThat(Thumbnail.dataUri("<svg onload=alert(1)>".getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(Thumbnail.dataUri(new byte[0])).isNull();
    }

    @Test
    void saysWhatAPictureIsWorth() {
        assertThat(page("name", List.of("animals/dog.jpg"), true, Made.verdict()))
                .contains("SSIM 0.250, distance 0.300 (from the true embedding 0.100)")
                .contains("the nearest photograph outside the training set 0.200: the picture is no better than that")
                .contains("closer to the picture than the member: 12.5 % of controls.");
    }

    @Test
    void saysThatEmbeddingsWereTakenFromAnEarlierAudit() {
        reused = 144;

        assertThat(report("name", FILES, Made.verdict()).provenance())
                .contains(new Report.Fact(
                        "embeddings", "144 taken from an earlier audit of the same samples and backbone"));
    }

    private String page(String name, List<String> files, boolean pictures, Selection.@Nullable Verdict verdict) {
        return new ReportPage()
                .render(
                        report(name, files, verdict),
                        ref -> pictures ? Thumbnail.dataUri(picture(ref.sha256().charAt(0))) : null);
    }

    private Report report(String name, List<String> files, Selection.@Nullable Verdict verdict) {
        ArtifactRef rows = Made.ref("audits/a/rows.safetensors", '5');
        ArtifactRef last = Made.ref("audits/a/last.json", '3');
        ArtifactRef request = Made.ref("audits/a/request.json", '2');
        List<ArtifactRef> images = new ArrayList<>();
        List<Inversion> inversions = new ArrayList<>();
        Audits audits = new Audits(this::read);
        for (int i = 0; i < files.size(); i++) {
            images.add(Made.ref("knowledge/sha256/image-" + i, (char) ('a' + i)));
            inversions.add(new Inversion("item-" + i, rows, i));
            audits.apply(Made.event(
                    Made.inverted("item-" + i, rows, i, Made.ref("audits/a/picture-" + i, (char) ('a' + i)))));
        }
        Selection selection = Made.selection(true, rows, files, COSINES, List.copyOf(images), inversions, verdict);
        stored.put(last, selection);
        stored.put(request, request(name));
        audits.apply(Made.event(new Message.AuditRequested(Made.AUDIT, request)));
        audits.apply(Made.event(new Message.TargetReady(Made.AUDIT, target(72))));
        audits.apply(Made.event(new Message.SelectionReady(Made.AUDIT, last, true)));
        if (reused > 0) {
            audits.apply(Made.event(new Message.AuditProgress(
                    Made.AUDIT,
                    Stage.EMBED,
                    "images",
                    144,
                    144,
                    "images",
                    "done",
                    "",
                    Map.of("reused", reused),
                    null)));
        }
        CurveView loss =
                new CurveView(Stage.RECONSTRUCT, "trial-1", "loss", "seconds", List.of(1.0, 2.0), List.of(0.5, 0.25));
        return builder().build(audits.snapshot(Made.AUDIT).orElseThrow(), List.of(loss), advice, entry -> MEASURES);
    }

    private ReportBuilder builder() {
        return new ReportBuilder(this::read, Clock.fixed(Made.NOON, ZoneOffset.UTC), "0.1.0");
    }

    private AuditRequest request(String name) {
        AuditSpec spec = SpecReader.read("""
                apiVersion: palimpsest/v1
                name: x
                backbone: backbones/dinov2-small-saliency
                target: { train: { dataset: photos } }
                """, "spec");
        AuditSpec named = new AuditSpec(
                spec.apiVersion(),
                name,
                spec.backbone(),
                spec.target(),
                null,
                spec.reconstruct(),
                spec.select(),
                spec.invert());
        return new AuditRequest(
                1,
                Made.AUDIT,
                Made.NOON,
                named,
                Map.of("config.json", Made.ref("backbones/sha256/c", '7')),
                null,
                null,
                null,
                null,
                List.of(),
                null);
    }

    private ArtifactRef target(int members) {
        ArtifactRef ref = Made.ref("targets/a/target.json", '8');
        AuditSpec spec = request("x").spec();
        stored.put(
                ref,
                new Target(
                        1,
                        Made.AUDIT,
                        Made.ref("targets/a/head.safetensors", '1'),
                        Made.ref("targets/a/normaliser.safetensors", '2'),
                        Map.of(),
                        112,
                        List.of("animals", "landmarks"),
                        members,
                        0.08,
                        spec.reconstruct(),
                        spec.select(),
                        spec.invert(),
                        Map.of("accuracy", 0.9722, "stationarity residual", 0.0123)));
        return ref;
    }

    private <T> T read(ArtifactRef ref, Class<T> type) {
        return type.cast(stored.get(ref));
    }

    private static byte[] picture(char digit) throws IllegalStateException {
        BufferedImage image = new BufferedImage(112, 112, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        float hue = (digit - 'a') / 6f;
        graphics.setPaint(new GradientPaint(
                0, 0, Color.getHSBColor(hue, 0.7f, 0.9f), 112, 112, Color.getHSBColor(hue + 0.3f, 0.8f, 0.3f)));
        graphics.fillRect(0, 0, 112, 112);
        graphics.setColor(Color.WHITE);
        graphics.fillOval(30, 30, 50, 40);
        graphics.dispose();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
