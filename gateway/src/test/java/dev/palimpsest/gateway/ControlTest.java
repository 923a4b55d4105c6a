package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Receipt;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.spans.Spans;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an owner may ask of an audit, against the real broker and store; the test leaves the receipts and letters of the stages. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class ControlTest {
    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: controlled
            backbone: backbones/tiny
            target: { train: { dataset: photos, epochs: 10 } }
            """;

    @TestHTTPResource("/")
    URI base;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String broker;

    @ConfigProperty(name = "palimpsest.store.endpoint")
    String endpoint;

    @ConfigProperty(name = "palimpsest.store.access-key")
    String accessKey;

    @ConfigProperty(name = "palimpsest.store.secret-key")
    String secretKey;

    private Api api;
    private ArtifactStore store;
    private Announcer announcer;

    @BeforeEach
    void connect() {
        api = new Api(base);
        store = ArtifactStore.connect(StoreSettings.of(endpoint, accessKey, secretKey, "palimpsest"));
        announcer = new Announcer(Map.of("bootstrap.servers", broker), Spans.nowhere());
    }

    @AfterEach
    void disconnect() {
        announcer.close();
        store.close();
    }

    @Test
    void aPausedAuditGoesOnWithWhatHasNoReceipt() throws Exception {
        AuditId id = api.submit(api.submission(SPEC), "to be paused");
        ArtifactRef request = requested(id).request();
        Message.EmbedUnit next = new Message.EmbedUnit(id, request, "embed", 0, null);
        receipt(Stage.EMBED, requested(id), next);

        assertThat(post(id, ":resume").statusCode()).as("not paused").isEqualTo(409);
        assertThat(post(id, ":pause").statusCode()).isEqualTo(202);
        assertThat(state(id)).isEqualTo("paused");
        assertThat(post(id, ":pause").statusCode()).as("again").isEqualTo(202);

        JsonNode resumed = Api.json(post(id, ":resume"));
        assertThat(resumed.path("units").asInt()).isEqualTo(1);
        assertThat(state(id)).isEqualTo("requested");

        List<ConsumerRecord<String, byte[]>> units = records(Topics.EMBED_UNITS, id);
        assertThat(units).hasSize(1);
        assertThat(CloudEvent.fromJson(units.get(0).value()).data()).isEqualTo(next);
        List<ConsumerRecord<String, byte[]>> words = records(Topics.AUDIT_CONTROL, id);
        CloudEvent word = CloudEvent.fromJson(words.get(words.size() - 1).value());
        assertThat(word.data()).isEqualTo(new Message.AuditControl(id, Message.AuditControl.Action.RESUME));
        assertThat(header(units.get(0), RecordHeaders.RESUMED_AT))
                .isEqualTo(word.time().toString());
    }

    @Test
    void aFailedAuditIsTriedAgainFromWhatFailedAndItsLetterIsAnswered() throws Exception {
        AuditId id = api.submit(api.submission(SPEC), "to be tried again");
        Message.TargetReady target = new Message.TargetReady(id, requested(id).request());
        receipt(Stage.EMBED, requested(id), target);
        assertThat(post(id, ":retry").statusCode()).as("nothing failed").isEqualTo(409);

        dead(Stage.RECONSTRUCT, target);
        announcer.announce(new Message.AuditProgress(
                id, Stage.RECONSTRUCT, "target", 0, 1, "units", "failed", "no", Map.of(), null));
        awaitState(id, "failed");

        assertThat(post(id, ":retry?from=select").statusCode()).isEqualTo(409);
        assertThat(post(id, ":retry?from=nonsense").statusCode()).isEqualTo(400);
        JsonNode answer = Api.json(post(id, ":retry?from=reconstruct"));
        assertThat(answer.path("units").asInt()).isEqualTo(1);
        awaitState(id, "reconstructing");

        List<ConsumerRecord<String, byte[]>> again = records(Topics.TARGET_READY, id);
        assertThat(header(again.get(again.size() - 1), RecordHeaders.ATTEMPT)).isEqualTo("2");
        assertThat(letters(id).get(0).path("state").asText()).isEqualTo("replayed");
    }

    @Test
    void aDeadLetterIsShownReplayedOnceOrDropped() throws Exception {
        AuditId id = api.submit(api.submission(SPEC), "with dead letters");
        Message.EmbedUnit unit = new Message.EmbedUnit(id, requested(id).request(), "train", 7, null);
        dead(Stage.EMBED, unit);
        dead(Stage.EMBED, new Message.EmbedUnit(id, requested(id).request(), "train", 8, null));
        List<JsonNode> letters = letters(id);
        JsonNode first = letters.get(1);
        assertThat(first.path("unit").asText()).isEqualTo("train-7");
        assertThat(first.path("code").asText()).isEqualTo("BAD_DATA");
        String letter = "/api/v1/dead-letters/" + first.path("id").asText();
        JsonNode shown = Api.json(api.get(letter));
        assertThat(CloudEvent.fromJson(shown.path("payload").asText().getBytes(StandardCharsets.UTF_8))
                        .data())
                .isEqualTo(unit);

        for (int i = 0; i < 3; i++) {
            HttpResponse<String> replayed = api.post(letter + ":replay", "", null);
            assertThat(replayed.statusCode()).as(replayed.body()).isEqualTo(200);
        }
        List<ConsumerRecord<String, byte[]>> sent = records(Topics.EMBED_UNITS, id);
        assertThat(sent).hasSize(1);
        assertThat(header(sent.get(0), RecordHeaders.ATTEMPT)).isEqualTo("2");
        assertThat(api.post(letter + ":drop", "", null).statusCode()).isEqualTo(409);

        String other = "/api/v1/dead-letters/" + letters.get(0).path("id").asText();
        assertThat(Api.json(api.post(other + ":drop", "", null)).path("state").asText())
                .isEqualTo("dropped");
        assertThat(api.post(other + ":replay", "", null).statusCode()).isEqualTo(409);
        assertThat(Api.json(api.get("/api/v1/dead-letters?state=open&audit=" + id))
                        .path("letters"))
                .isEmpty();
        assertThat(api.get("/api/v1/dead-letters/embed-0-999999").statusCode()).isEqualTo(404);
    }

    @Test
    void aLetterThatIsNoMessageIsListedToo() throws Exception {
        ProducerRecord<String, byte[]> poison =
                new ProducerRecord<>(Topics.deadLetters(Stage.SELECT), "poison", "{".getBytes(StandardCharsets.UTF_8));
        announcer.send(
                poison,
                Map.of(
                        RecordHeaders.DEAD_LETTER_TOPIC,
                        "no.such.topic",
                        RecordHeaders.DEAD_LETTER_CODE,
                        "BAD_MESSAGE"));
        JsonNode letter = null;
        for (int i = 0; i < 600 && letter == null; i++) {
            letter = Api.json(api.get("/api/v1/dead-letters?stage=select"))
                    .path("letters")
                    .get(0);
            Thread.onSpinWait();
        }
        assertThat(letter).isNotNull();
        assertThat(letter.path("audit").isNull()).isTrue();
        HttpResponse<String> replayed =
                api.post("/api/v1/dead-letters/" + letter.path("id").asText() + ":replay", "", null);
        assertThat(replayed.statusCode()).isEqualTo(409);
    }

    @Test
    void anAuditThatHasUsedUpItsSecondsIsStoppedAndMayHaveThemAgain() throws Exception {
        AuditId id = api.submit(api.submission(SPEC + "budget: { seconds: 1 }\n"), "to be stopped");
        awaitState(id, "cancelled");
        assertThat(failures(id).get(0).asText()).startsWith("Stopped by its budget: budget.seconds is 1.");

        assertThat(Api.json(post(id, ":retry")).path("units").asInt()).isEqualTo(1);
        assertThat(state(id)).isEqualTo("requested");
        assertThat(failures(id)).isEmpty();
        awaitState(id, "cancelled");
    }

    @Test
    void anAuditThatHasUsedUpItsUnitsIsStopped() throws Exception {
        AuditId id = api.submit(api.submission(SPEC + "budget: { units: 2, seconds: 3600 }\n"), "to be stopped, too");
        ArtifactRef request = requested(id).request();
        Message.EmbedUnit unit = new Message.EmbedUnit(id, request, "embed", 0, null);
        receipt(Stage.EMBED, requested(id), unit);
        receipt(Stage.EMBED, unit, new Message.EmbedUnit(id, request, "embed", 1, null));
        awaitState(id, "cancelled");
        assertThat(failures(id).get(0).asText()).startsWith("Stopped by its budget: budget.units is 2.");
        assertThat(api.get("/api/v1/audits/" + id + "/report.json").statusCode())
                .isEqualTo(200);
    }

    @Test
    void theShareOfATenantGoesWithItsAudits() throws Exception {
        Api blue = new Api(base, "key-submitter-blue");
        AuditId id = blue.submit(blue.submission(SPEC), "with shares");
        assertThat(records(Topics.AUDIT_REQUESTED, id))
                .singleElement()
                .satisfies(record ->
                        assertThat(header(record, RecordHeaders.SHARE)).isEqualTo("4"));
        assertThat(post(id, ":pause").statusCode()).isEqualTo(202);
        assertThat(post(id, ":resume").statusCode()).isEqualTo(202);
        assertThat(records(Topics.AUDIT_REQUESTED, id))
                .hasSize(2)
                .allSatisfy(record ->
                        assertThat(header(record, RecordHeaders.SHARE)).isEqualTo("4"));

        AuditId other = api.submit(api.submission(SPEC), "without");
        assertThat(records(Topics.AUDIT_REQUESTED, other))
                .allSatisfy(record -> assertThat(record.headers().lastHeader(RecordHeaders.SHARE))
                        .isNull());
    }

    private JsonNode failures(AuditId id) throws Exception {
        return Api.json(api.get("/api/v1/audits/" + id)).path("failures");
    }

    private Message.AuditRequested requested(AuditId id) {
        return new Message.AuditRequested(
                id, store.stat("audits/" + id + "/request.json").orElseThrow());
    }

    private void receipt(Stage stage, Message done, Message announced) {
        store.put(
                Receipt.key(stage, done),
                Receipt.of(List.of(CloudEvent.of(announced, stage.id(), Instant.EPOCH)))
                        .toJson(),
                "application/json");
    }

    private void dead(Stage stage, Message message) {
        announcer.send(
                new ProducerRecord<>(
                        Topics.deadLetters(stage),
                        message.partitionKey(),
                        CloudEvent.of(message, "test", Instant.EPOCH).toJson()),
                Map.of(
                        RecordHeaders.DEAD_LETTER_TOPIC,
                        message.topic(),
                        RecordHeaders.DEAD_LETTER_CODE,
                        "BAD_DATA",
                        RecordHeaders.DEAD_LETTER_REASON,
                        "no",
                        RecordHeaders.DEAD_LETTER_ATTEMPT,
                        "1"));
    }

    /** Those of an audit, when the gateway has read all that were sent before. */
    private List<JsonNode> letters(AuditId id) throws Exception {
        List<JsonNode> found = new ArrayList<>();
        int expected = 0;
        for (Stage stage : Stage.values()) {
            expected += (int) records(Topics.deadLetters(stage), id).size();
        }
        for (int i = 0; i < 600 && found.size() < expected; i++) {
            found.clear();
            Api.json(api.get("/api/v1/dead-letters?audit=" + id))
                    .path("letters")
                    .forEach(found::add);
        }
        assertThat(found).hasSize(expected);
        return found;
    }

    private HttpResponse<String> post(AuditId id, String action) throws Exception {
        return api.post("/api/v1/audits/" + id + action, "", null);
    }

    private String state(AuditId id) throws Exception {
        return Api.json(api.get("/api/v1/audits/" + id)).path("state").asText();
    }

    private void awaitState(AuditId id, String wanted) throws Exception {
        String found = state(id);
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < end && !found.equals(wanted)) {
            found = state(id);
        }
        assertThat(found).isEqualTo(wanted);
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** What a topic holds of an audit, except what its submission announced. */
    private List<ConsumerRecord<String, byte[]>> records(String topic, AuditId id) {
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (String.valueOf(record.key()).startsWith(id.value())) {
                        found.add(record);
                    }
                });
            }
        }
        return found;
    }
}
