package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.EmbedUnit;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Message.SelectionReady;
import dev.palimpsest.contracts.Message.TargetReady;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What travels on the topics, to the letter. The files under {@code golden/v1} are what release 1 wrote: a build that no
 * longer writes or reads them breaks running installations. A change of meaning gets a new schema version with goldens of
 * its own; these files stay as they are.
 */
class WireFormatTest {
    private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.250Z");
    private static final AuditId AUDIT = new AuditId("a-study");
    private static final Set<String> MAY_BE_NULL = Set.of("checkpoint", "preview", "erasure", "reason");

    static Stream<Message> examples() {
        return Stream.of(
                new AuditRequested(AUDIT, ref("audits/a-study/request.json", 1)),
                new EmbedUnit(
                        AUDIT, ref("audits/a-study/request.json", 1), "train", 500, ref("audits/a-study/embed/s", 2)),
                new TargetReady(AUDIT, ref("targets/a-study/target.json", 3)),
                new ReconstructUnit(
                        AUDIT,
                        ref("targets/a-study/target.json", 3),
                        "pursuit",
                        2,
                        4,
                        9,
                        List.of(
                                ref("audits/a-study/reconstruct/p-2-7", 4),
                                ref("audits/a-study/reconstruct/p-2-8", 5))),
                new CandidatesReady(
                        AUDIT,
                        ref("targets/a-study/target.json", 3),
                        List.of(ref("audits/a-study/reconstruct/candidates-0", 6)),
                        false),
                new SelectionReady(AUDIT, ref("audits/a-study/select/selection.json", 7), true),
                new InvertUnit(
                        AUDIT,
                        ref("targets/a-study/target.json", 3),
                        "item-3",
                        ref("audits/a-study/select/representatives", 8),
                        3,
                        0,
                        null),
                new InversionReady(
                        AUDIT,
                        "item-3",
                        ref("audits/a-study/select/representatives", 8),
                        3,
                        ref("audits/a-study/invert/item-3.png", 9),
                        0.9375,
                        600),
                new AuditProgress(
                        AUDIT,
                        Stage.INVERT,
                        "item-3",
                        300,
                        600,
                        "steps",
                        "running",
                        "Half-way: \u201cKröte\u201d",
                        Map.of("cosine", 0.875),
                        ref("audits/a-study/invert/item-3-300.png", 10)),
                new AuditControl(AUDIT, AuditControl.Action.PAUSE),
                AuditControl.erased(AUDIT, ref("erasures/a-study.json", 11)),
                AuditControl.stopped(AUDIT, "its budget of 500 units is used up"));
    }

    @Test
    void everyKindOfMessageHasAnExample() {
        assertThat(examples().<Class<?>>map(Message::getClass).distinct())
                .as("a new message needs an example above and a golden file")
                .containsExactlyInAnyOrder(Message.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void writesTheGolden(Message message) throws IOException {
        byte[] written = CloudEvent.of(message, "test", TIME).toJson();

        assertThat(Json.mapper().readTree(written))
                .as(new String(written, StandardCharsets.UTF_8))
                .isEqualTo(golden(message));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void readsTheGolden(Message message) throws IOException {
        assertThat(read(golden(message))).isEqualTo(CloudEvent.of(message, "test", TIME));
    }

    @Test
    void aBatchOfPicturesNamesTheRowsBesideTheFirst() throws IOException {
        InvertUnit batch = new InvertUnit(
                AUDIT,
                ref("targets/a-study/target.json", 3),
                "item-3",
                ref("audits/a-study/select/representatives", 8),
                3,
                0,
                null,
                List.of(new InvertUnit.Row("item-5", 7)));
        ObjectNode golden = golden("InvertUnit-batch");

        assertThat(Json.mapper().readTree(CloudEvent.of(batch, "test", TIME).toJson()))
                .isEqualTo(golden);
        assertThat(read(golden).data()).isEqualTo(batch);
        assertThat(batch.rows()).containsExactly(new InvertUnit.Row("item-3", 3), new InvertUnit.Row("item-5", 7));
        ((ObjectNode) data(golden).path("beside").get(0)).remove("item");
        assertThat(refused(golden)).endsWith("dev.palimpsest.invert.units has no 'data.beside[0].item'");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void passesOverWhatALaterReleaseAdded(Message message) throws IOException {
        ObjectNode later = golden(message);
        later.put("traceparent", "00-1-2-01");
        data(later).putObject("addition").put("nested", true);
        later.findParents("sha256").forEach(ref -> ((ObjectNode) ref).put("region", "eu"));

        assertThat(read(later).data()).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void namesTheFieldThatIsMissing(Message message) throws IOException {
        ObjectNode golden = golden(message);
        for (String field : names(golden)) {
            ObjectNode lacking = golden.deepCopy();
            lacking.remove(field);
            assertThat(refused(lacking)).contains("'" + field + "'");
        }
        for (String field : names(data(golden))) {
            for (boolean absent : new boolean[] {true, false}) {
                ObjectNode lacking = golden.deepCopy();
                if (absent) {
                    data(lacking).remove(field);
                } else {
                    data(lacking).putNull(field);
                }
                if (MAY_BE_NULL.contains(field)) {
                    assertThat(Json.mapper().valueToTree(read(lacking).data()).hasNonNull(field))
                            .isFalse();
                } else {
                    assertThat(refused(lacking))
                            .isEqualTo("Not a message that this build reads: dev.palimpsest." + message.topic()
                                    + " has no 'data." + field + "'");
                }
            }
        }
    }

    @Test
    void namesWhatIsMissingInside() throws IOException {
        ObjectNode lacking = golden("ReconstructUnit");
        ((ObjectNode) data(lacking).path("inputs").get(1)).remove("bytes");
        assertThat(refused(lacking)).endsWith("dev.palimpsest.reconstruct.units has no 'data.inputs[1].bytes'");

        ObjectNode unknown = golden("AuditProgress");
        data(unknown).withObject("/figures").putNull("loss");
        assertThat(refused(unknown)).endsWith("dev.palimpsest.audit.progress has no 'data.figures.loss'");
    }

    @ParameterizedTest
    @CsvSource({
        "2, has schema version 2 and this build reads 1; run the same release of every service",
        "0, has schema version 0 and this build reads 1; run the same release of every service",
        "'\"1\"', has no 'schemaversion' that is a whole number",
        "1.5, has no 'schemaversion' that is a whole number",
        "null, has no 'schemaversion' that is a whole number",
    })
    void readsItsOwnSchemaVersionOnly(String version, String sentence) throws IOException {
        ObjectNode other = golden("InvertUnit");
        other.set("schemaversion", Json.mapper().readTree(version));

        assertThat(refused(other))
                .isEqualTo("Not a message that this build reads: dev.palimpsest.invert.units " + sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /type              | "dev.palimpsest.later" | of type 'dev.palimpsest.later'
            /specversion       | "2.0"                  | found version 2.0
            /time              | "yesterday"            | 'time' is not a time such as 2026-01-31T12:00:00Z: yesterday
            /data              | [1]                    | has a wrong 'data'
            /data/audit        | "Not An Id"            | has a wrong 'data.audit': 'Not An Id' is not an audit id
            /data/index        | "three"                | has a wrong 'data.index'
            /data/target/key   | "../../etc/passwd"     | has a wrong 'data.target': Not a valid artifact key
            /data/target/bytes | -1                     | has a wrong 'data.target': The artifact reference
            """)
    void namesTheFieldThatIsWrong(String pointer, String value, String sentence) throws IOException {
        ObjectNode wrong = golden("InvertUnit");
        int cut = pointer.lastIndexOf('/');
        ((ObjectNode) wrong.at(pointer.substring(0, cut)))
                .set(pointer.substring(cut + 1), Json.mapper().readTree(value));

        assertThat(refused(wrong)).contains(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "\"text\"", "{", "{} {}", "{\"type\": 1, \"type\": 2}"})
    void refusesWhatIsNoJsonObject(String text) {
        assertThat(refused(text.getBytes(StandardCharsets.UTF_8)))
                .matches("Not a message that this build reads: not (a JSON object|JSON: .+)");
    }

    @Test
    void refusesATombstone() {
        assertThat(refused((byte[]) null))
                .isEqualTo("Not a message that this build reads: a record without a value (a tombstone)");
    }

    private static ArtifactRef ref(String key, int bytes) {
        return new ArtifactRef(key, "0123456789abcdef".repeat(4), bytes);
    }

    private static ObjectNode golden(Message message) throws IOException {
        String action = message instanceof AuditControl control && control.action() != AuditControl.Action.PAUSE
                ? "-" + control.action().name().toLowerCase(Locale.ROOT)
                : "";
        return golden(message.getClass().getSimpleName() + action);
    }

    private static ObjectNode golden(String name) throws IOException {
        String file = "/golden/v1/" + name + ".json";
        try (InputStream in = WireFormatTest.class.getResourceAsStream(file)) {
            assertThat(in).as("the golden file " + file).isNotNull();
            return (ObjectNode) Json.mapper().readTree(in);
        }
    }

    private static ObjectNode data(ObjectNode event) {
        return (ObjectNode) event.get("data");
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static CloudEvent read(JsonNode event) throws IOException {
        return CloudEvent.fromJson(Json.mapper().writeValueAsBytes(event));
    }

    private static String refused(JsonNode event) throws IOException {
        return refused(Json.mapper().writeValueAsBytes(event));
    }

    private static String refused(byte[] json) {
        PalimpsestException refused = catchThrowableOfType(PalimpsestException.class, () -> CloudEvent.fromJson(json));
        assertThat(refused).isNotNull();
        assertThat(refused.code()).isEqualTo(ErrorCode.BAD_MESSAGE);
        return refused.getMessage();
    }
}
