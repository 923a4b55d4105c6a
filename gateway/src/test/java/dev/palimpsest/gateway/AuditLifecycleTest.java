package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.Digests;
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
import dev.palimpsest.spans.Spans;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One audit from its submission to its report, against the real broker and store; the test plays the stages. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class AuditLifecycleTest {
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

    private Api api;

    @BeforeEach
    void client() {
        api = new Api(base);
    }

    @Test
    void takesAnAuditFollowsItAndReports() throws Exception {
        String body = api.submission(SPEC);
        AuditId id = api.submit(body, "a key");
        assertThat(id.value())
                .isEqualTo("a"
                        + Digests.sha256("a key".getBytes(StandardCharsets.UTF_8))
                                .substring(0, 15));

        assertThat(api.submit(body, "a key")).isEqualTo(id);
        HttpResponse<String> other =
                api.post("/api/v1/audits", api.submission(SPEC.replace("epochs: 10", "epochs: 11")), "a key");
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(Api.json(other).path("code").asText()).isEqualTo("CONFLICT");

        List<Message> published = published(Topics.AUDIT_REQUESTED, id);
        assertThat(published).hasSize(1);
        Message.AuditRequested requested = (Message.AuditRequested) published.get(0);
        try (ArtifactStore store = store()) {
            AuditRequest request = Json.mapper().readValue(store.get(requested.request()), AuditRequest.class);
            assertThat(request.images()).hasSize(2);
            assertThat(request.spec().target().train().epochs()).isEqualTo(10);
            stagesWork(store, id, request);
        }

        List<JsonNode> views = api.events(id);
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
        HttpResponse<byte[]> png = api.bytes(picture.path("href").asText());
        assertThat(png.body()).isEqualTo(Api.PNG);
        assertThat(png.headers().firstValue("Content-Type")).contains("image/png");

        String html = api.get("/api/v1/audits/" + id + "/report").body();
        assertThat(html)
                .contains("13 of 72 training samples came back above cosine 0.9")
                .contains("&lt;script&gt;alert(&#39;name&#39;)&lt;/script&gt;")
                .contains("&lt;b&gt;hen&lt;/b&gt;.jpg")
                .contains("<img src=\"data:image/png;base64,")
                .doesNotContain("<b>hen", "<script>alert");
        JsonNode report = Api.json(api.get("/api/v1/audits/" + id + "/report.json"));
        assertThat(report.path("counts").get(0).path("recovered").asInt()).isEqualTo(28);
        assertThat(report.path("gallery").get(0).path("cosine").asDouble()).isEqualTo(0.93);

        galleryCurvesAndComparison(id);
        damageIsFound(id);
        assertThat(rebuilt(id).pictures())
                .extracting(AuditView.PictureView::nearestCosine)
                .containsExactly(0.93);

        JsonNode list = Api.json(api.get("/api/v1/audits?limit=1"));
        assertThat(list.path("audits")).hasSize(1);
        for (String wrong : List.of("state=nonsense", "grade=F")) {
            HttpResponse<String> refused = api.get("/api/v1/audits?" + wrong);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("expected one of");
        }
        HttpResponse<String> late = api.post("/api/v1/audits/" + id + ":cancel", "", null);
        assertThat(late.statusCode()).isEqualTo(409);
    }

    /** What the console draws of a finished audit. */
    private void galleryCurvesAndComparison(AuditId id) throws Exception {
        String audit = "/api/v1/audits/" + id;
        JsonNode page = Api.json(api.get(audit + "/gallery?sort=cosine&pictures=true&limit=1"));
        assertThat(page.path("total").asInt()).isEqualTo(1);
        assertThat(page.path("next").isNull()).isTrue();
        JsonNode tile = page.path("tiles").get(0);
        assertThat(tile.path("id").asText()).isEqualTo("item-1");
        assertThat(tile.path("labelName").asText()).isEqualTo("animals");
        assertThat(tile.path("aboveNull").asBoolean()).isTrue();
        for (String path : List.of(
                tile.path("picture").asText() + "?width=64",
                tile.path("nearest").path("image").asText() + "?width=64")) {
            HttpResponse<byte[]> small = api.bytes(path);
            assertThat(small.statusCode()).as(path).isEqualTo(200);
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(small.body()));
            assertThat(image.getWidth()).isEqualTo(1);
            assertThat(small.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(small.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(api.getWithoutToken(path).statusCode()).isEqualTo(401);
        }
        HttpResponse<byte[]> jpeg = api.bytes(tile.path("picture").asText() + "?width=64&format=jpeg");
        assertThat(jpeg.headers().firstValue("Content-Type")).contains("image/jpeg");
        assertThat(ImageIO.read(new ByteArrayInputStream(jpeg.body())).getWidth())
                .isEqualTo(1);
        assertThat(api.get(tile.path("picture").asText() + "?format=gif").statusCode())
                .isEqualTo(400);
        assertThat(api.get(audit + "/gallery?sort=beauty").statusCode()).isEqualTo(400);
        assertThat(api.get(audit + "/gallery?cursor=nowhere").statusCode()).isEqualTo(400);
        assertThat(api.get(audit + "/gallery/nothing/member").statusCode()).isEqualTo(404);
        assertThat(api.get(audit + "/pictures/nothing").statusCode()).isEqualTo(404);

        JsonNode curves = Api.json(api.get(audit + "/curves"));
        assertThat(curves).hasSize(1);
        assertThat(curves.get(0).path("figure").asText()).isEqualTo("accuracy");
        assertThat(curves.get(0).path("done").toString()).isEqualTo("[5.0,10.0]");
        assertThat(api.get("/api/v1/audits/a000000000000000/curves").statusCode())
                .isEqualTo(404);

        assertThat(api.post(audit + "/reveals", "{\"items\":[\"item-1\"]}", null)
                        .statusCode())
                .isEqualTo(204);
        assertThat(api.post(audit + "/reveals", "{\"items\":[\"<b>\"]}", null).statusCode())
                .isEqualTo(400);
        assertThat(api.post(audit + "/reveals", "{}", null).statusCode()).isEqualTo(400);

        AuditId other = api.submit(api.submission(SPEC.replace("epochs: 10", "epochs: 20")), "to compare with");
        JsonNode comparison = Api.json(api.get("/api/v1/compare?audit=" + other + "&audit=" + id));
        assertThat(comparison.path("audits").get(1).path("grade").asText()).isEqualTo("D");
        assertThat(comparison.path("spec").toString())
                .contains("{\"path\":\"target.train.epochs\",\"values\":[\"20\",\"10\"]}");
        JsonNode measure = comparison.path("measures").get(0);
        assertThat(measure.path("values").get(0).isNull()).isTrue();
        assertThat(measure.path("values").get(1).asDouble()).isEqualTo(28 / 72.0);
        assertThat(measure.path("differences").get(1).isNull()).as("no base").isTrue();
        assertThat(comparison.path("gallery").get(0).path("tiles").get(0).isNull())
                .isTrue();
        JsonNode same = Api.json(api.get("/api/v1/compare?audit=" + id + "&audit=" + id));
        assertThat(same.path("spec")).isEmpty();
        JsonNode none = same.path("measures").get(0).path("differences").get(1);
        assertThat(none.path("value").asDouble()).isZero();
        assertThat(none.path("low").asDouble())
                .isNegative()
                .isEqualTo(-none.path("high").asDouble());
        assertThat(api.get("/api/v1/compare?audit=" + id).statusCode()).isEqualTo(400);
        assertThat(api.get("/api/v1/compare?audit=a000000000000000&audit=" + id).statusCode())
                .isEqualTo(404);
    }

    /** A document that refers to what is not in the store, and to a digest that an object does not have. */
    private void damageIsFound(AuditId id) throws Exception {
        String verify = "/api/v1/audits/" + id + ":verify";
        JsonNode sound = Api.json(api.post(verify, "", null));
        assertThat(sound.path("problems")).isEmpty();
        assertThat(sound.path("objects").asInt())
                .as("request, head, target, rows, selection, picture, reveal not; backbone and a member by reference")
                .isGreaterThanOrEqualTo(8);
        try (ArtifactStore store = store()) {
            String missing = Keys.result(id, Stage.INVERT, "missing.png");
            String picture = Keys.result(id, Stage.INVERT, "item-1.png");
            ArtifactRef unused = document(
                    store,
                    Keys.result(id, Stage.INVERT, "damaged.json"),
                    Map.of("pictures", List.of(Made.ref(missing, '7'), Made.ref(picture, '8'))));
            assertThat(Api.json(api.post(verify, "", null)).path("problems").findValuesAsText("key"))
                    .containsExactlyInAnyOrder(missing, picture);
        }
        assertThat(api.post("/api/v1/audits/a000000000000000:verify", "", null).statusCode())
                .isEqualTo(404);
    }

    @Test
    void cancelsARunningAudit() throws Exception {
        AuditId id = api.submit(api.submission(SPEC), "to be cancelled");

        assertThat(api.post("/api/v1/audits/" + id + ":cancel", "", null).statusCode())
                .isEqualTo(202);

        List<JsonNode> views = api.events(id);
        assertThat(views.get(views.size() - 1).path("state").asText()).isEqualTo("cancelled");
        assertThat(published(Topics.AUDIT_CONTROL, id))
                .containsExactly(new Message.AuditControl(id, Message.AuditControl.Action.CANCEL));
    }

    @Test
    void theEventsOfAnEndedAuditAreItsLastViewAndNothingGoesWrong() throws Exception {
        AuditId id = api.submit(api.submission(SPEC), "ended before anybody looks");
        api.post("/api/v1/audits/" + id + ":cancel", "", null);
        api.events(id);

        Complaints complaints = new Complaints();
        Logger root = Logger.getLogger("");
        root.addHandler(complaints);
        try {
            for (int i = 0; i < 200; i++) {
                assertThat(api.events(id))
                        .singleElement()
                        .extracting(view -> view.path("state").asText())
                        .isEqualTo("cancelled");
            }
        } finally {
            root.removeHandler(complaints);
        }
        assertThat(complaints.heard).isEmpty();
    }

    /** Remembers what the gateway logs as an error; the broker of the test, in the same process, complains when the machine is slow. */
    private static final class Complaints extends Handler {
        private final List<String> heard = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            boolean broker = String.valueOf(record.getLoggerName()).startsWith("org.apache.kafka");
            if (!broker && record.getLevel().intValue() >= Level.SEVERE.intValue()) {
                heard.add(record.getMessage() + " " + record.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
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
        ArtifactRef picture = store.put(Keys.result(id, Stage.INVERT, "item-1.png"), Api.PNG, "image/png");
        try (Announcer announcer = new Announcer(Map.of("bootstrap.servers", broker), Spans.nowhere())) {
            announcer.announce(new Message.AuditProgress(
                    id, Stage.EMBED, "train", 5, 10, "epochs", "running", "trains", Map.of("accuracy", 0.7), null));
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
                    records -> {},
                    record -> audits.apply(CloudEvent.fromJson(record.value())))) {
                follower.start();
                assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            }
            return audits.view(id).orElseThrow();
        }
    }

    private static ArtifactRef document(ArtifactStore store, String key, Object document) throws IOException {
        return store.put(key, Json.mapper().writeValueAsBytes(document), "application/json");
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
}
