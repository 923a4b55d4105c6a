package dev.palimpsest.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes traces by OTLP over HTTP on loopback, as a collector does, and keeps them. */
public final class SpanReceiver implements AutoCloseable {
    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean refusing;

    /** @param parent empty for a span without one */
    public record Received(
            String service,
            String name,
            String kind,
            String trace,
            String id,
            String parent,
            long nanos,
            Map<String, String> attributes,
            String error) {}

    private SpanReceiver(HttpServer server) {
        this.server = server;
    }

    /** @param port 0 for any */
    public static SpanReceiver start(int port) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            SpanReceiver receiver = new SpanReceiver(server);
            server.createContext("/v1/traces", receiver::take);
            server.start();
            return receiver;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Returns when so many have come; whoever asks sets a bound. */
    public synchronized void await(int count) throws InterruptedException {
        while (spans.size() < count) {
            wait();
        }
    }

    private synchronized void tellThatSomeHaveCome() {
        notifyAll();
    }

    /** What has come so far. */
    public List<Received> spans() {
        return List.copyOf(spans);
    }

    /** All bytes that came, for a search. */
    public String text() {
        StringBuilder text = new StringBuilder();
        bodies.forEach(body -> text.append(new String(body, StandardCharsets.UTF_8)));
        return text.toString();
    }

    /** From now on answers 503, as a receiver does that has too much to do. */
    public void refuse(boolean refuses) {
        refusing = refuses;
    }

    /** Requests that were answered so. */
    public int refused() {
        return refused.get();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (refusing) {
                refused.incrementAndGet();
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            bodies.add(body);
            ExportTraceServiceRequest.parseFrom(body)
                    .getResourceSpansList()
                    .forEach(resource -> resource.getScopeSpansList()
                            .forEach(scope -> scope.getSpansList()
                                    .forEach(span -> spans.add(received(
                                            attributes(resource.getResource().getAttributesList())
                                                    .getOrDefault("service.name", ""),
                                            span)))));
            exchange.sendResponseHeaders(200, -1);
            tellThatSomeHaveCome();
        }
    }

    private static Received received(String service, Span span) {
        Status status = span.getStatus();
        return new Received(
                service,
                span.getName(),
                span.getKind().name().replace("SPAN_KIND_", ""),
                HexFormat.of().formatHex(span.getTraceId().toByteArray()),
                HexFormat.of().formatHex(span.getSpanId().toByteArray()),
                HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
                span.getEndTimeUnixNano() - span.getStartTimeUnixNano(),
                attributes(span.getAttributesList()),
                status.getCode() == Status.StatusCode.STATUS_CODE_ERROR ? status.getMessage() : "");
    }

    private static Map<String, String> attributes(List<KeyValue> list) {
        Map<String, String> attributes = new TreeMap<>();
        list.forEach(pair -> attributes.put(pair.getKey(), pair.getValue().getStringValue()));
        return attributes;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
