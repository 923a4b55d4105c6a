package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.AuditSpec.InvertSpec;
import dev.palimpsest.contracts.AuditSpec.KnowledgeSpec;
import dev.palimpsest.contracts.AuditSpec.ReconstructSpec;
import dev.palimpsest.contracts.AuditSpec.SelectSpec;
import dev.palimpsest.contracts.AuditSpec.TargetSpec;
import dev.palimpsest.contracts.AuditSpec.TrainSpec;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents that messages refer to, as release 1 stored them, to the letter. They lie in stores for years: a build that no longer
 * reads them loses audits. The files stay as they are, as in {@link WireFormatTest}.
 */
class DocumentFormatTest {
    private static final AuditId AUDIT = new AuditId("a-study");

    static Stream<Record> documents() {
        return Stream.of(request(), byReference(), page(), target(), selection(), advice(), erasure());
    }

    /** Of the same study, its images by reference, for a tenant. */
    private static AuditRequest byReference() {
        AuditRequest request = request();
        return new AuditRequest(
                request.schemaVersion(),
                request.audit(),
                request.accepted(),
                request.spec(),
                request.backbone(),
                request.head(),
                request.normaliser(),
                request.members(),
                request.controls(),
                List.of(),
                new ImageManifest(
                        1_002,
                        1_000,
                        List.of("animals", "landmarks"),
                        List.of(ref("knowledge/sha256/p", 300_000), ref("knowledge/sha256/q", 600))),
                "red");
    }

    private static Erasure erasure() {
        return new Erasure(1, AUDIT, request().accepted(), Instant.parse("2026-02-28T09:30:00Z"), "retention", null);
    }

    private static ImagePage page() {
        return new ImagePage(1, request().images());
    }

    private static AuditRequest request() {
        return new AuditRequest(
                1,
                AUDIT,
                Instant.parse("2026-01-31T12:00:00.250Z"),
                new AuditSpec(
                        "palimpsest/v1",
                        "Animals or landmarks: \u201cKr\u00f6te\u201d",
                        "backbones/dinov2",
                        new TargetSpec(
                                null,
                                null,
                                new TrainSpec(
                                        "photos",
                                        "split.csv",
                                        List.of("animals", "landmarks"),
                                        36,
                                        224,
                                        500,
                                        0.01,
                                        0.08,
                                        10_000,
                                        3L,
                                        null,
                                        null,
                                        null)),
                        new KnowledgeSpec("members.safetensors", "controls.safetensors"),
                        new ReconstructSpec("fast", 60, 7L),
                        new SelectSpec(0.9, 40),
                        new InvertSpec("dip", 8, 600, 112, 1L, null)),
                Map.of("config.json", ref("backbones/sha256/c", 1), "model.safetensors", ref("backbones/sha256/m", 2)),
                null,
                ref("targets/sha256/n", 3),
                ref("knowledge/sha256/members", 4),
                null,
                List.of(
                        new AuditRequest.Image("animals/toad.jpg", "animals", "member", ref("knowledge/sha256/i", 5)),
                        new AuditRequest.Image(
                                "landmarks/petra.jpg", "landmarks", "heldout", ref("knowledge/sha256/j", 6))),
                null);
    }

    private static DefenceAdvice advice() {
        return new DefenceAdvice(
                1,
                Instant.parse("2026-01-31T12:00:00.250Z"),
                "Take 'dropout 0.5'.",
                "dropout 0.5",
                List.of(new DefenceAdvice.Setting(
                        "dropout 0.5", "a-cell", "done", "B", true, 0.125, 0.5, 0.0625, 0.875, 2.5)));
    }

    private static Target target() {
        return new Target(
                1,
                AUDIT,
                ref("targets/a-study/head.safetensors", 1),
                ref("targets/a-study/normaliser.safetensors", 2),
                Map.of("config.json", ref("backbones/sha256/c", 3)),
                224,
                List.of("animals", "landmarks"),
                72,
                0.08,
                new ReconstructSpec("fast", 60, 7L),
                new SelectSpec(0.9, 0),
                new InvertSpec("dip", 8, 600, 0, 1L, null),
                Map.of("stationarityResidual", 0.0625));
    }

    private static Selection selection() {
        ArtifactRef embeddings = ref("audits/a-study/select/representatives.safetensors", 1);
        return new Selection(
                1,
                AUDIT,
                true,
                embeddings,
                List.of(
                        new Selection.Representative(
                                12,
                                0.75,
                                1,
                                new Selection.Neighbour("animals/toad.jpg", 0.9375, ref("knowledge/sha256/i", 2)),
                                new Selection.Neighbour("landmarks/petra.jpg", 0.25, null)),
                        new Selection.Representative(2, 0.5, 0, null, null)),
                List.of(new Selection.Inversion("picture-01", embeddings, 0)),
                new Selection.Verdict(
                        "D",
                        "D: at least 15 % come back",
                        72,
                        36,
                        Map.of("0.9", 13),
                        Map.of("0.9", 24),
                        Map.of("0.9", 0),
                        0.5,
                        0.4375,
                        0.5625,
                        0.8125,
                        List.of(0.9375, 0.5),
                        List.of(0.25),
                        List.of(0.96875, 0.75)),
                List.of("A note."));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void writesTheGolden(Record document) throws IOException {
        JsonNode written = Json.mapper().readTree(Json.mapper().writeValueAsBytes(document));
        assertThat(written).as(written.toPrettyString()).isEqualTo(golden(document));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void readsTheGolden(Record document) throws IOException {
        assertThat((Object) Json.mapper().treeToValue(golden(document), document.getClass()))
                .isEqualTo(document);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void passesOverWhatALaterReleaseAdded(Record document) throws IOException {
        ObjectNode later = golden(document);
        later.putObject("addition").put("nested", true);
        later.findParents("sha256").forEach(ref -> ((ObjectNode) ref).put("region", "eu"));

        assertThat((Object) Json.mapper().treeToValue(later, document.getClass()))
                .isEqualTo(document);
    }

    /** What is not {@code @Nullable} stands in the golden: a field that is new has to be nullable, or the golden cannot be read. */
    @ParameterizedTest
    @MethodSource("documents")
    void theGoldenLacksNothing(Record document) throws IOException {
        assertThat(RequiredFields.firstMissing(golden(document), document.getClass(), "document"))
                .isEmpty();
    }

    @Test
    void upperBoundsAreNamedAndMayBeAbsent() throws IOException {
        Selection plain = selection();
        Selection bounded = new Selection(
                1,
                AUDIT,
                true,
                plain.representatives(),
                plain.ranking(),
                plain.inversions(),
                plain.verdict(),
                plain.notes(),
                List.of(new Selection.UpperBound("bound-01", "picture-01", plain.representatives(), 0)));
        JsonNode written = Json.mapper().valueToTree(bounded);

        assertThat(written.at("/upperBounds/0/item").asText()).isEqualTo("bound-01");
        assertThat(written.at("/upperBounds/0/of").asText()).isEqualTo("picture-01");
        assertThat(written.has("items")).isFalse();
        assertThat(Json.mapper().treeToValue(written, Selection.class)).isEqualTo(bounded);
        assertThat(bounded.items()).containsExactly("picture-01", "bound-01");
        assertThat(bounded.upperBoundOf("picture-01")).isEqualTo("bound-01");
        assertThat(plain.items()).containsExactly("picture-01");
        assertThat(plain.upperBoundOf("picture-01")).isNull();
    }

    /** Both are absent in what earlier releases wrote. */
    @Test
    void aVerdictMaySayWhatLookingAtMembersWouldHaveKept() throws IOException {
        Selection plain = selection();
        JsonNode without = Json.mapper().valueToTree(plain);
        ObjectNode with = without.deepCopy();
        ((ObjectNode) with.path("verdict")).set("precision", Json.mapper().readTree("{\"10\": 0.5}"));
        ((ObjectNode) with.path("verdict")).set("withMembers", Json.mapper().readTree("""
                {"candidates": 2160, "matched": {"0.9": 17}, "matchedControls": {"0.9": 1}, "nullMaximum": 0.75}
                """));
        Selection.Verdict read = Objects.requireNonNull(
                Json.mapper().treeToValue(with, Selection.class).verdict());

        assertThat(without.path("verdict").has("precision")).isFalse();
        assertThat(without.path("verdict").has("withMembers")).isFalse();
        assertThat(read.precision()).containsExactly(Map.entry("10", 0.5));
        assertThat(read.withMembers())
                .isEqualTo(new Selection.WithMembers(2160, Map.of("0.9", 17), Map.of("0.9", 1), 0.75));
        assertThat((JsonNode) Json.mapper().valueToTree(read)).isEqualTo(with.path("verdict"));
    }

    private static ArtifactRef ref(String key, int bytes) {
        return new ArtifactRef(key, "0123456789abcdef".repeat(4), bytes);
    }

    private static ObjectNode golden(Record document) throws IOException {
        boolean byReference = document instanceof AuditRequest request && request.manifest() != null;
        String file = "/golden/v1/" + document.getClass().getSimpleName() + (byReference ? "-manifest" : "") + ".json";
        try (InputStream in = DocumentFormatTest.class.getResourceAsStream(file)) {
            assertThat(in).as("the golden file " + file).isNotNull();
            return (ObjectNode) Json.mapper().readTree(in);
        }
    }
}
