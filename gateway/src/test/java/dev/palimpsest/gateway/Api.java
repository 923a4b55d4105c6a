package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of the gateway under test, with the token that the test configuration sets. */
final class Api {
    /** A picture of one pixel. */
    static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI base;
    private final String token;

    Api(URI base) {
        this(base, "let-me-in");
    }

    Api(URI base, String token) {
        this.base = base;
        this.token = token;
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    HttpResponse<byte[]> bytes(String path) throws Exception {
        return http.send(request(path).GET().build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<String> head(String path) throws Exception {
        return send(request(path).method("HEAD", BodyPublishers.noBody()));
    }

    HttpResponse<String> put(String path, byte[] content) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(content)));
    }

    HttpResponse<String> post(String path, String body, @Nullable String key) throws Exception {
        HttpRequest.Builder request =
                request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        Optional.ofNullable(key).ifPresent(value -> request.header("Idempotency-Key", value));
        return send(request);
    }

    HttpResponse<String> getWithoutToken(String path) throws Exception {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    }

    /** Uploads what a small study of two pictures needs, and returns the body that submits it with this spec. */
    String submission(String spec) throws Exception {
        ObjectNode body = Json.mapper().createObjectNode();
        body.put("spec", spec);
        ArtifactRef config = upload("backbones", "{}".getBytes(StandardCharsets.UTF_8));
        body.set("backbone", Json.mapper().valueToTree(Map.of("config.json", config)));
        ArtifactRef picture = upload("knowledge", PNG);
        body.set(
                "images",
                Json.mapper()
                        .valueToTree(List.of(
                                new AuditRequest.Image("animals/1.png", "animals", "member", picture),
                                new AuditRequest.Image("landmarks/1.png", "landmarks", "member", picture))));
        return body.toString();
    }

    /** The same study with its pictures listed in a page of the store; without {@code complete} one picture was never uploaded. */
    String submissionByReference(String spec, List<String> labels, boolean complete) throws Exception {
        ObjectNode body = (ObjectNode) Json.mapper().readTree(submission(spec));
        JsonNode images = body.remove("images");
        if (!complete) {
            String digest = "0".repeat(64);
            ((ObjectNode) images.get(1)).putPOJO("ref", new ArtifactRef("knowledge/sha256/" + digest, digest, 1));
        }
        ObjectNode page = Json.mapper().createObjectNode().put("schemaVersion", 1);
        page.set("images", images);
        ArtifactRef ref = upload("knowledge", Json.mapper().writeValueAsBytes(page));
        body.set("manifest", Json.mapper().valueToTree(new ImageManifest(2, 1_000, labels, List.of(ref))));
        return body.toString();
    }

    /** Uploads to an area. */
    ArtifactRef upload(String area, byte[] content) throws Exception {
        HttpResponse<String> stored = put("/api/v1/uploads/" + area + "/" + Digests.sha256(content), content);
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(200);
        return Json.mapper().readValue(stored.body(), ArtifactRef.class);
    }

    /** Submits and returns the id of what was accepted. */
    AuditId submit(String body, String key) throws Exception {
        HttpResponse<String> accepted = post("/api/v1/audits", body, key);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        AuditId id = new AuditId(json(accepted).path("id").asText());
        assertThat(URI.create(accepted.headers().firstValue("Location").orElseThrow())
                        .getPath())
                .isEqualTo("/api/v1/audits/" + id);
        return id;
    }

    /** The views of an audit's events, followed to their end. */
    List<JsonNode> events(AuditId id) throws Exception {
        HttpResponse<Stream<String>> response =
                http.send(request("/api/v1/audits/" + id + "/events").GET().build(), BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        List<JsonNode> views = new ArrayList<>();
        try (Stream<String> lines = response.body()) {
            for (String line : (Iterable<String>) lines.filter(text -> text.startsWith("data:"))::iterator) {
                views.add(Json.mapper().readTree(line.substring("data:".length())));
            }
        }
        return views;
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return Json.mapper().readTree(response.body());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
