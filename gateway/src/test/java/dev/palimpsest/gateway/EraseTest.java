package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.EmbeddedData;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.control.Eraser;
import dev.palimpsest.gateway.control.Housekeeping;
import dev.palimpsest.gateway.view.Audits;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Erasing, against the real broker and store; the test leaves what the stages would store. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class EraseTest {
    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: to be forgotten
            backbone: backbones/tiny
            target: { head: head.safetensors }
            knowledge: { members: members.safetensors, controls: controls.safetensors }
            """;

    @TestHTTPResource("/")
    URI base;

    @ConfigProperty(name = "palimpsest.store.endpoint")
    String endpoint;

    @ConfigProperty(name = "palimpsest.store.access-key")
    String accessKey;

    @ConfigProperty(name = "palimpsest.store.secret-key")
    String secretKey;

    @Inject
    Eraser eraser;

    @Inject
    Audits audits;

    private Api api;
    private ArtifactStore store;

    @BeforeEach
    void connect() {
        api = new Api(base);
        store = ArtifactStore.connect(StoreSettings.of(endpoint, accessKey, secretKey, "palimpsest"));
    }

    @AfterEach
    void disconnect() {
        store.close();
    }

    @Test
    void nothingOfAnErasedAuditIsLeftButWhenAndByWhom() throws Exception {
        String members = "only of the first " + System.nanoTime();
        String controls = "of both " + System.nanoTime();
        String body = submission(members, controls);
        AuditId erased = api.submit(body, "erased " + members);
        AuditId other = api.submit(submission("only of the second " + members, controls), "kept " + members);
        result(erased);
        result(other);
        String path = "/api/v1/audits/" + erased;

        HttpResponse<String> early = api.post(path + ":erase", "", null);
        assertThat(early.statusCode()).as(early.body()).isEqualTo(409);
        assertThat(Api.json(early).path("detail").asText()).contains("is requested: wait for its end or cancel it");
        assertThat(api.post(path + ":cancel", "", null).statusCode()).isEqualTo(202);

        JsonNode erasure = Api.json(api.post(path + ":erase", "", null));
        assertThat(erasure.path("by").asText()).isEqualTo("token");
        for (String prefix : Keys.of(erased)) {
            assertThat(store.list(prefix)).as(prefix).isEmpty();
        }
        assertThat(store.stat(upload(Keys.Area.KNOWLEDGE, members))).isEmpty();
        assertThat(store.stat(upload(Keys.Area.KNOWLEDGE, controls)))
                .as("the other audit's")
                .isPresent();
        assertThat(store.stat(upload(Keys.Area.BACKBONES, "{}"))).isPresent();
        assertThat(Keys.of(other))
                .allSatisfy(prefix -> assertThat(store.list(prefix)).isNotEmpty());

        JsonNode view = Api.json(api.get(path));
        assertThat(view.path("state").asText()).isEqualTo("erased");
        assertThat(view.path("name").asText()).isEmpty();
        assertThat(view.path("erasure").path("by").asText()).isEqualTo("token");
        assertThat(view.toString()).doesNotContain("forgotten", "tiny");
        JsonNode line = Api.json(api.get("/api/v1/audits?state=erased&q=" + erased))
                .path("audits")
                .get(0);
        assertThat(line.path("id").asText()).isEqualTo(erased.value());
        for (String gone : List.of("/report", "/report.json", "/gallery", "/pictures/picture-01")) {
            assertThat(api.get(path + gone).statusCode()).as(gone).isEqualTo(404);
        }
        assertThat(Api.json(api.get(path + "/report")).path("detail").asText()).contains("was erased on");
        assertThat(api.post(path + ":verify", "", null).statusCode()).isEqualTo(404);
        assertThat(api.post(path + ":retry", "", null).statusCode()).isEqualTo(404);
        assertThat(api.post(path + ":cancel", "", null).statusCode()).isEqualTo(409);

        assertThat(Api.json(api.post(path + ":erase", "", null))).as("again").isEqualTo(erasure);
        HttpResponse<String> anew = api.post("/api/v1/audits", body, "erased " + members);
        assertThat(anew.statusCode()).isEqualTo(409);
        assertThat(Api.json(anew).path("detail").asText()).contains("was erased");
    }

    @Test
    void whatWasEmbeddedGoesWithTheLastAuditOfItsSamples() throws Exception {
        ObjectNode samples = (ObjectNode) Json.mapper().readTree(api.submission("""
                apiVersion: palimpsest/v1
                name: of the same samples
                backbone: backbones/tiny
                target: { train: { dataset: photos } }
                """));
        // Audits of other tests have the same pictures by other names.
        ((ObjectNode) samples.path("images").get(0)).put("file", "animals/" + System.nanoTime() + ".png");
        String body = samples.toString();
        AuditId first = api.submit(body, "first " + System.nanoTime());
        AuditId second = api.submit(body, "second " + System.nanoTime());
        String key = EmbeddedData.key(request(first));
        assertThat(EmbeddedData.key(request(second))).isEqualTo(key);
        store.put(key, "rows".getBytes(StandardCharsets.UTF_8), "application/octet-stream");

        cancelAndErase(first);
        assertThat(store.stat(key)).as("the second's").isPresent();
        cancelAndErase(second);
        assertThat(store.stat(key)).isEmpty();
    }

    private AuditRequest request(AuditId audit) throws Exception {
        return Json.mapper().readValue(store.get(store.stat(Keys.request(audit)).orElseThrow()), AuditRequest.class);
    }

    private void cancelAndErase(AuditId audit) throws Exception {
        for (String action : List.of(":cancel", ":erase")) {
            HttpResponse<String> answer = api.post("/api/v1/audits/" + audit + action, "", null);
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
        }
    }

    @Test
    void whatAStageStoresLateIsErasedToo() throws Exception {
        AuditId id = api.submit(submission("late " + System.nanoTime(), "c"), "late " + System.nanoTime());
        assertThat(api.post("/api/v1/audits/" + id + ":cancel", "", null).statusCode())
                .isEqualTo(202);
        assertThat(api.post("/api/v1/audits/" + id + ":erase", "", null).statusCode())
                .isEqualTo(200);
        result(id);

        eraser.sweep();

        assertThat(Keys.of(id))
                .allSatisfy(prefix -> assertThat(store.list(prefix)).isEmpty());
    }

    @Test
    void anAuditThatEndedLongAgoIsErasedByItself() throws Exception {
        AuditId ended = api.submit(submission("old " + System.nanoTime(), "c"), "old " + System.nanoTime());
        AuditId open = api.submit(submission("open " + System.nanoTime(), "c"), "open " + System.nanoTime());
        assertThat(api.post("/api/v1/audits/" + ended + ":cancel", "", null).statusCode())
                .isEqualTo(202);

        round(Duration.ofDays(30), Clock.systemUTC());
        assertThat(state(ended)).as("not old yet").isEqualTo("cancelled");
        round(null, Clock.offset(Clock.systemUTC(), Duration.ofDays(3000)));
        assertThat(state(ended)).as("kept for ever").isEqualTo("cancelled");

        round(Duration.ofDays(30), Clock.offset(Clock.systemUTC(), Duration.ofDays(31)));
        assertThat(state(ended)).isEqualTo("erased");
        assertThat(state(open)).isEqualTo("requested");
        assertThat(Api.json(api.get("/api/v1/audits/" + ended))
                        .path("erasure")
                        .path("by")
                        .asText())
                .isEqualTo("retention");
    }

    private void round(@Nullable Duration retention, Clock clock) {
        try (Housekeeping housekeeping = new Housekeeping(audits, eraser, retention, clock)) {
            housekeeping.round();
        }
    }

    private String state(AuditId id) throws Exception {
        return Api.json(api.get("/api/v1/audits/" + id)).path("state").asText();
    }

    /** What stages leave: one object below each of the audit's prefixes. */
    private void result(AuditId id) {
        byte[] content = "something".getBytes(StandardCharsets.UTF_8);
        store.put(Keys.target(id, "head.safetensors"), content, "application/octet-stream");
        store.put(Keys.knowledge(id, "embeddings.safetensors"), content, "application/octet-stream");
        store.put(Keys.result(id, Stage.SELECT, "selection.json"), content, "application/json");
        store.put(Keys.receipt(id, Stage.EMBED, "train-0"), content, "application/json");
    }

    private String submission(String members, String controls) throws Exception {
        ObjectNode body = Json.mapper().createObjectNode().put("spec", SPEC);
        body.set("backbone", Json.mapper().valueToTree(Map.of("config.json", put(Keys.Area.BACKBONES, "{}"))));
        body.set("head", Json.mapper().valueToTree(put(Keys.Area.TARGETS, "head of " + members)));
        body.set("members", Json.mapper().valueToTree(put(Keys.Area.KNOWLEDGE, members)));
        body.set("controls", Json.mapper().valueToTree(put(Keys.Area.KNOWLEDGE, controls)));
        return body.toString();
    }

    private ArtifactRef put(Keys.Area area, String content) throws Exception {
        return api.upload(area.prefix(), content.getBytes(StandardCharsets.UTF_8));
    }

    private static String upload(Keys.Area area, String content) {
        return Keys.upload(area, Digests.sha256(content.getBytes(StandardCharsets.UTF_8)));
    }
}
