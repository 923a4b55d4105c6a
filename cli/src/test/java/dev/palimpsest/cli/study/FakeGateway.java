package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Keeps uploads and audits as the gateway does, and says that every audit is done at once. */
final class FakeGateway implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();
    private final Function<Integer, Boolean> answers;

    /** Body of each submission by its idempotency key, and how often it was sent. */
    final Map<String, JsonNode> audits = new ConcurrentHashMap<>();

    final Map<String, Integer> sent = new ConcurrentHashMap<>();

    /** @param answers given the number of a new audit, from 1: whether the gateway lives to answer; it may block */
    FakeGateway(Function<Integer, Boolean> answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/api/v1/uploads/", this::upload);
        server.createContext("/api/v1/audits", this::audit);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void upload(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        String digest = path[path.length - 1];
        try (exchange) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(uploads.containsKey(digest) ? 200 : 404, -1);
                return;
            }
            byte[] content = exchange.getRequestBody().readAllBytes();
            uploads.put(digest, content);
            Keys.Area area = Keys.Area.valueOf(path[path.length - 2].toUpperCase(Locale.ROOT));
            answer(
                    exchange,
                    200,
                    Json.mapper()
                            .writeValueAsString(new ArtifactRef(Keys.upload(area, digest), digest, content.length)));
        }
    }

    private void audit(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.endsWith("/report.json")) {
                answer(exchange, 200, "{\"provenance\": [{\"name\": \"heldOutAccuracy\", \"value\": \"0.9\"}]}");
            } else if (exchange.getRequestMethod().equals("GET")) {
                String id = path.substring(path.lastIndexOf('/') + 1);
                answer(exchange, 200, """
                        {"id": "%s", "state": "done", "failures": [],
                         "verdict": {"grade": "B", "members": 100, "matched": {"0.9": 1}, "recoverable": {"0.9": 80}, "tprAtFpr1": 0.01,
                                     "nullMaximum": 0.6}}
                        """.formatted(id));
            } else {
                submit(exchange);
            }
        }
    }

    private void submit(HttpExchange exchange) throws IOException {
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        JsonNode body = Json.mapper().readTree(exchange.getRequestBody().readAllBytes());
        sent.merge(key, 1, Integer::sum);
        JsonNode before = audits.putIfAbsent(key, body);
        if (before != null && !before.equals(body)) {
            answer(exchange, 409, "{\"code\": \"CONFLICT\", \"detail\": \"The key was used for another submission\"}");
        } else if (before != null || answers.apply(audits.size())) {
            answer(exchange, 202, "{\"id\": \"" + key.substring(0, 12) + "\"}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
