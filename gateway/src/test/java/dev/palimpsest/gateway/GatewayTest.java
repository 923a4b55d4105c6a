package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.broker.TopicFollower;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.Made;
import dev.palimpsest.gateway.view.State;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class GatewayTest {
    private static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");
    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: "<script>alert('name')</script>"
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

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void takesAnAuditFollowsItAndReports() throws Exception {
        String body = submission(SPEC);
        HttpResponse<String> accepted = post("/api/v1/audits", body, "a key");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        AuditId id = new AuditId(json(accepted).path("id").asText());
        assertThat(id.value())
                .isEqualTo(
                        "a" + sha256("a key".getBytes(StandardCharsets.UTF_8)).substring(0, 15));
        assertThat(URI.create(accepted.headers().firstValue("Location").orElseThrow())
                        .getPath())
                .isEqualTo("/api/v1/audits/" + id);

        HttpResponse<String> again = post("/api/v1/audits", body, "a key");
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(json(again).path("id").asText()).isEqualTo(id.value());
        HttpResponse<String> other =
                post("/api/v1/audits", submission(SPEC.replace("epochs: 10", "epochs: 11")), "a key");
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(json(other).path("code").asText()).isEqualTo("CONFLICT");

        List<Message> published = published(Topics.AUDIT_REQUESTED, id);
        assertThat(published).hasSize(1);
        Message.AuditRequested requested = (Message.AuditRequested) published.get(0);
        try (ArtifactStore store = store()) {
            AuditRequest request = Json.mapper().readValue(store.get(requested.request()), AuditRequest.class);
            assertThat(request.images()).hasSize(2);
            assertThat(request.spec().target().train().epochs()).isEqualTo(10);
            stagesWork(store, id, request);
        }

        List<JsonNode> views = events(id);
        JsonNode view = views.get(views.size() - 1);
        assertThat(view.path("state").asText()).isEqualTo("done");
        assertThat(view.path("verdict").path("matched").path("0.9").asInt()).isEqualTo(13);
        assertThat(view.path("stages")
                        .get(0)
                        .path("pieces")
                        .get(0)
                        .path("figures")
                        .path("accuracy")
                        .asDouble())
                .isEqualTo(0.9);
        JsonNode picture = view.path("pictures").get(0);
        assertThat(picture.path("nearest").asText()).isEqualTo("<b>hen</b>.jpg");
        assertThat(picture.path("nearestCosine").asDouble()).isEqualTo(0.93);
        HttpResponse<byte[]> png =
                http.send(request(picture.path("href").asText()).GET().build(), BodyHandlers.ofByteArray());
        assertThat(png.body()).isEqualTo(PNG);
        assertThat(png.headers().firstValue("Content-Type")).contains("image/png");

        String html = get("/api/v1/audits/" + id + "/report").body();
        assertThat(html)
                .contains("13 of 72 training samples came back above cosine 0.9")
                .contains("&lt;script&gt;alert(&#39;name&#39;)&lt;/script&gt;")
                .contains("&lt;b&gt;hen&lt;/b&gt;.jpg")
                .contains("<img src=\"data:image/png;base64,")
                .doesNotContain("<b>hen", "<script>alert");
        JsonNode report = json(get("/api/v1/audits/" + id + "/report.json"));
        assertThat(report.path("counts").get(0).path("recovered").asInt()).isEqualTo(28);
        assertThat(report.path("gallery").get(0).path("cosine").asDouble()).isEqualTo(0.93);

        assertThat(rebuilt(id).pictures())
                .extracting(AuditView.PictureView::nearestCosine)
                .containsExactly(0.93);

        JsonNode list = json(get("/api/v1/audits?limit=1"));
        assertThat(list.path("audits")).hasSize(1);
        HttpResponse<String> late = post("/api/v1/audits/" + id + ":cancel", "", null);
        assertThat(late.statusCode()).isEqualTo(409);
    }

    @Test
    void reportsAllProblemsOfASpecAtOnce() throws Exception {
        HttpResponse<String> refused = post(
                "/api/v1/audits",
                submission("apiVersion: palimpsest/v1\nname: n\nbackbone: http://x/y\ntarget: { head: h, trian: 1 }\n"),
                null);

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        JsonNode problem = json(refused);
        assertThat(problem.path("code").asText()).isEqualTo("BAD_SPEC");
        assertThat(problem.path("status").asInt()).isEqualTo(422);
        assertThat(problem.path("detail").asText())
                .contains("2 problems", "line 3: backbone: 'http://x/y' is an address", "did you mean 'train'?");
    }

    @Test
    void cancelsARunningAudit() throws Exception {
        AuditId id = new AuditId(json(post("/api/v1/audits", submission(SPEC), "to be cancelled"))
                .path("id")
                .asText());
        events(id, 1);

        assertThat(post("/api/v1/audits/" + id + ":cancel", "", null).statusCode())
                .isEqualTo(202);

        List<JsonNode> views = events(id);
        assertThat(views.get(views.size() - 1).path("state").asText()).isEqualTo("cancelled");
        assertThat(published(Topics.AUDIT_CONTROL, id))
                .containsExactly(new Message.AuditControl(id, Message.AuditControl.Action.CANCEL));
    }

    @Test
    void keepsOnlyUploadsThatAreWhatTheyPromise() throws Exception {
        byte[] content = "weights".getBytes(StandardCharsets.UTF_8);
        String path = "/api/v1/uploads/targets/" + sha256(content);
        assertThat(http.send(
                                request(path)
                                        .method("HEAD", BodyPublishers.noBody())
                                        .build(),
                                BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(404);

        HttpResponse<String> wrong = put(path, "other".getBytes(StandardCharsets.UTF_8));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(json(wrong).path("code").asText()).isEqualTo("DIGEST_MISMATCH");

        assertThat(Json.mapper().readValue(put(path, content).body(), ArtifactRef.class))
                .isEqualTo(new ArtifactRef("targets/sha256/" + sha256(content), sha256(content), 7));
        assertThat(http.send(
                                request(path)
                                        .method("HEAD", BodyPublishers.noBody())
                                        .build(),
                                BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        assertThat(put("/api/v1/uploads/elsewhere/" + sha256(content), content).statusCode())
                .isEqualTo(404);
    }

    @Test
    void letsNobodyInWithoutTheToken() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(base.resolve("/api/v1/audits")).GET().build();
        HttpResponse<String> refused = http.send(request, BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(get("/api/v1/audits/a000000000000000").statusCode()).isEqualTo(404);
    }

    /** What the stages would do: documents into the store, then the messages. */
    private void stagesWork(ArtifactStore store, AuditId id, AuditRequest request) throws IOException {
        ArtifactRef head = store.put(Keys.target(id, "head.safetensors"), new byte[] {1}, "application/octet-stream");
        ArtifactRef target = document(
                store,
                Keys.target(id, "target.json"),
                new Target(
                        1,
                        id,
                        head,
                        null,
                        request.backbone(),
                        112,
                        List.of("animals", "landmarks"),
                        72,
                        0.08,
                        request.spec().reconstruct(),
                        request.spec().select(),
                        request.spec().invert(),
                        Map.of("accuracy", 0.9)));
        ArtifactRef rows = store.put(
                Keys.result(id, Stage.SELECT, "representatives.safetensors"),
                new byte[] {2},
                "application/octet-stream");
        Selection made = Made.selection(
                true,
                rows,
                List.of("<b>hen</b>.jpg"),
                List.of(0.93),
                List.of(request.images().get(0).ref()),
                List.of(new Selection.Inversion("item-1", rows, 0)),
                Made.verdict());
        ArtifactRef selection = document(
                store,
                Keys.result(id, Stage.SELECT, "selection.json"),
                new Selection(
                        1,
                        id,
                        true,
                        made.representatives(),
                        made.ranking(),
                        made.inversions(),
                        made.verdict(),
                        made.notes()));
        ArtifactRef picture = store.put(Keys.result(id, Stage.INVERT, "item-1.png"), PNG, "image/png");
        try (Announcer announcer = new Announcer(Map.of("bootstrap.servers", broker))) {
            announcer.announce(new Message.AuditProgress(
                    id, Stage.EMBED, "train", 10, 10, "epochs", "done", "trained", Map.of("accuracy", 0.9), null));
            announcer.announce(new Message.TargetReady(id, target));
            announcer.announce(new Message.SelectionReady(id, selection, true));
            announcer.announce(new Message.InversionReady(id, "item-1", rows, 0, picture, 0.97, 600));
        }
    }

    /** The view that another gateway, started now, comes to. */
    private AuditView rebuilt(AuditId id) throws InterruptedException {
        try (GatewayStore store = new GatewayStore(store())) {
            Audits audits = new Audits(store);
            CountDownLatch done = new CountDownLatch(1);
            audits.subscribe(id, view -> {
                if (view.state() == State.DONE) {
                    done.countDown();
                }
            });
            try (TopicFollower follower = new TopicFollower(
                    Map.of("bootstrap.servers", broker),
                    List.of(Topics.INVERSION_READY, Topics.SELECTION_READY, Topics.AUDIT_REQUESTED),
                    audits::apply)) {
                follower.start();
                assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            }
            return audits.view(id).orElseThrow();
        }
    }

    private static ArtifactRef document(ArtifactStore store, String key, Object document) throws IOException {
        return store.put(key, Json.mapper().writeValueAsBytes(document), "application/json");
    }

    private String submission(String spec) throws Exception {
        ObjectNode body = Json.mapper().createObjectNode();
        body.put("spec", spec);
        body.set("backbone", Json.mapper().valueToTree(Map.of("config.json", upload("backbones", "{}".getBytes()))));
        body.set(
                "images",
                Json.mapper()
                        .valueToTree(List.of(
                                new AuditRequest.Image("animals/1.png", "animals", "member", upload("knowledge", PNG)),
                                new AuditRequest.Image(
                                        "landmarks/1.png", "landmarks", "member", upload("knowledge", PNG)))));
        return body.toString();
    }

    private ArtifactRef upload(String area, byte[] content) throws Exception {
        HttpResponse<String> stored = put("/api/v1/uploads/" + area + "/" + sha256(content), content);
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(200);
        return Json.mapper().readValue(stored.body(), ArtifactRef.class);
    }

    /** Follows the events to their end. */
    private List<JsonNode> events(AuditId id) throws Exception {
        return events(id, Integer.MAX_VALUE);
    }

    /** Follows at most so many events. */
    private List<JsonNode> events(AuditId id, int most) throws Exception {
        HttpResponse<Stream<String>> response;
        do {
            response =
                    http.send(request("/api/v1/audits/" + id + "/events").GET().build(), BodyHandlers.ofLines());
        } while (response.statusCode() == 404);
        List<JsonNode> views = new ArrayList<>();
        try (Stream<String> lines = response.body()) {
            for (String line : (Iterable<String>)
                    lines.filter(text -> text.startsWith("data:")).limit(most)::iterator) {
                views.add(Json.mapper().readTree(line.substring("data:".length())));
            }
        }
        return views;
    }

    private List<Message> published(String topic, AuditId id) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            List<Message> messages = new ArrayList<>();
            while (partitions.stream().mapToLong(consumer::position).sum() < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (id.value().equals(record.key())) {
                        messages.add(CloudEvent.fromJson(record.value()).data());
                    }
                }
            }
            return messages;
        }
    }

    private ArtifactStore store() {
        return ArtifactStore.connect(StoreSettings.of(endpoint, accessKey, secretKey, "palimpsest"));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).GET().build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> put(String path, byte[] content) throws Exception {
        return http.send(
                request(path)
                        .header("Content-Type", "application/octet-stream")
                        .PUT(BodyPublishers.ofByteArray(content))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body, String key) throws Exception {
        HttpRequest.Builder request =
                request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        Optional.ofNullable(key).ifPresent(value -> request.header("Idempotency-Key", value));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer let-me-in")
                .timeout(Duration.ofSeconds(60));
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return Json.mapper().readTree(response.body());
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
