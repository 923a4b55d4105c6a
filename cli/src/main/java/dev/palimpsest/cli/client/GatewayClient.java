package dev.palimpsest.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Speaks to a gateway over REST. Errors of the gateway come out as {@link PalimpsestException} with the gateway's own code. */
public final class GatewayClient {
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final String base;
    private final String token;

    /**
     * @param base address, e.g. {@code http://127.0.0.1:8080}
     * @param token sent as bearer token
     */
    public GatewayClient(String base, String token) {
        this.base = base.replaceAll("/+$", "");
        this.token = token;
    }

    /** Where it is. */
    public String address() {
        return base;
    }

    /** Stores a file under the digest of its content; a file that is there already is not sent again. */
    public ArtifactRef upload(Keys.Area area, Path file) {
        return upload(reference(area, file), file);
    }

    /** As {@link #upload(Keys.Area, Path)}, of content that is in memory. */
    public ArtifactRef upload(Keys.Area area, byte[] content) {
        return upload(reference(area, content), content);
    }

    /** As {@link #upload(Keys.Area, Path)}, of a file whose reference is known. */
    ArtifactRef upload(ArtifactRef ref, Path file) {
        try {
            return has(ref) ? ref : put(ref, HttpRequest.BodyPublishers.ofFile(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    ArtifactRef upload(ArtifactRef ref, byte[] content) {
        return has(ref) ? ref : put(ref, HttpRequest.BodyPublishers.ofByteArray(content));
    }

    /** Where the file will be when it is uploaded. */
    static ArtifactRef reference(Keys.Area area, Path file) {
        try {
            String digest = Digests.sha256(file);
            return new ArtifactRef(Keys.upload(area, digest), digest, Files.size(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static ArtifactRef reference(Keys.Area area, byte[] content) {
        String digest = Digests.sha256(content);
        return new ArtifactRef(Keys.upload(area, digest), digest, content.length);
    }

    /** Whether it was uploaded before. */
    boolean has(ArtifactRef ref) {
        HttpRequest.Builder there = request(uploads(ref)).method("HEAD", HttpRequest.BodyPublishers.noBody());
        return send(there.build(), BodyHandlers.discarding()).statusCode() / 100 == 2;
    }

    private ArtifactRef put(ArtifactRef ref, HttpRequest.BodyPublisher content) {
        HttpRequest put = request(uploads(ref))
                .header("Content-Type", "application/octet-stream")
                .PUT(content)
                .build();
        try {
            return Json.mapper().treeToValue(json(put), ArtifactRef.class);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE, base + " did not answer an upload with a reference to it", e);
        }
    }

    private static String uploads(ArtifactRef ref) {
        return "/api/v1/uploads/" + ref.key().replace("/sha256/", "/");
    }

    private static PalimpsestException unreadable(Path file, IOException e) {
        return new PalimpsestException(
                ErrorCode.NOT_FOUND, "Cannot read " + file + ": " + e.getMessage() + "; check the path", e);
    }

    /** Submits an audit; the same idempotency key gives the same audit. Returns the audit's id. */
    public String submit(JsonNode body, String idempotencyKey) {
        return json(request("/api/v1/audits")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", idempotencyKey)
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build())
                .path("id")
                .asText();
    }

    /** The JSON at a path below the gateway. */
    public JsonNode read(String path) {
        return json(request(path).GET().build());
    }

    /** Posts to a path below the gateway, without a body. */
    public JsonNode post(String path) {
        return json(request(path).POST(HttpRequest.BodyPublishers.noBody()).build());
    }

    /** Posts a document that is answered without one. */
    public void post(String path, JsonNode body) {
        HttpResponse<String> response = send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw problem(response.statusCode(), response.body());
        }
    }

    /** A text as a value of a query. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** One audit's view. */
    public JsonNode get(String id) {
        return json(request("/api/v1/audits/" + id).GET().build());
    }

    /** The content at a path below the gateway. */
    public byte[] bytes(String path) {
        HttpResponse<byte[]> response = send(request(path).GET().build(), BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 2) {
            throw problem(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofMinutes(5))
                .header("Authorization", "Bearer " + token);
    }

    private JsonNode json(HttpRequest request) {
        HttpResponse<String> response = send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw problem(response.statusCode(), response.body());
        }
        try {
            return Json.mapper().readTree(response.body());
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE, request.uri() + " did not answer with JSON; is it a Palimpsest gateway?", e);
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "No gateway answers at " + base + " (" + e + "); 'palimpsest up' starts a local one",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }

    private static PalimpsestException problem(int status, String body) {
        try {
            JsonNode problem = Json.mapper().readTree(body);
            ErrorCode code = ErrorCode.valueOf(problem.path("code").asText("INTERNAL"));
            String told = problem.path("detail").asText(problem.path("title").asText(body));
            // What stands before a gateway may answer without a word.
            return new PalimpsestException(code, told.isBlank() ? "The gateway answered " + status : told);
        } catch (IOException | IllegalArgumentException e) {
            return new PalimpsestException(ErrorCode.INTERNAL, "The gateway answered " + status + ": " + body, e);
        }
    }
}
