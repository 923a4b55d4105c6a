package dev.palimpsest.spans;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans to a receiver of OTLP over HTTP, such as an OpenTelemetry collector, Jaeger or Tempo; nowhere without an address. Who adds one never waits:
 * spans are sent in batches, once, by a thread of this class; at most 2 048 wait, and while the receiver is away they are dropped.
 */
public final class Spans implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SEND = Duration.ofSeconds(10);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration LAST = Duration.ofSeconds(2);

    private final @Nullable SdkTracerProvider provider;
    private final GivenIds ids = new GivenIds();

    private Spans(@Nullable String address, String service) {
        provider = address == null ? null : provider(address, service);
    }

    /** Drops them all. */
    public static Spans nowhere() {
        return new Spans(null, "");
    }

    /**
     * Connects when the first spans are sent.
     *
     * @param address of the receiver without the path, e.g. {@code http://127.0.0.1:4318}
     * @param service who says so
     * @throws PalimpsestException USAGE when that is no address
     */
    public static Spans to(String address, String service) {
        if (!address.matches("https?://[^/?#\\s]+/?")) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "palimpsest.traces.endpoint is '" + address
                            + "': expected the address of a receiver of OTLP over HTTP, such as http://127.0.0.1:4318");
        }
        return new Spans(address.replaceFirst("/$", ""), service);
    }

    private SdkTracerProvider provider(String address, String service) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(address + "/v1/traces")
                .setConnectTimeout(CONNECT)
                .setTimeout(SEND)
                .setRetryPolicy(null)
                .build();
        Attributes resource = Attributes.of(
                AttributeKey.stringKey("service.name"),
                service,
                AttributeKey.stringKey("service.namespace"),
                "palimpsest",
                AttributeKey.stringKey("service.instance.id"),
                UUID.randomUUID().toString());
        return SdkTracerProvider.builder()
                .setResource(Resource.create(resource))
                .setIdGenerator(ids)
                .setSpanLimits(
                        SpanLimits.builder().setMaxAttributeValueLength(200).build())
                .addSpanProcessor(BatchSpanProcessor.builder(new OutageOnce(exporter, address))
                        .setScheduleDelay(EVERY)
                        .setExporterTimeout(SEND)
                        .build())
                .build();
    }

    /** Takes a span that is over. */
    public void add(Span span) {
        if (provider == null) {
            return;
        }
        Context parent = span.parentId() == null
                ? Context.root()
                : Context.root()
                        .with(io.opentelemetry.api.trace.Span.wrap(SpanContext.createFromRemoteParent(
                                span.self().traceId(),
                                span.parentId(),
                                TraceFlags.getSampled(),
                                TraceState.getDefault())));
        var started = ids.with(
                span.self(),
                () -> provider.get("dev.palimpsest")
                        .spanBuilder(span.name())
                        .setParent(parent)
                        .setSpanKind(SpanKind.valueOf(span.kind().name()))
                        .setStartTimestamp(span.begin())
                        .startSpan());
        span.attributes().forEach(started::setAttribute);
        if (span.error() != null) {
            started.setStatus(StatusCode.ERROR, span.error());
            started.setAttribute("error.type", span.error());
        }
        Instant end = span.begin().plus(span.length());
        started.end(end);
    }

    /** Sends what waits, for two seconds at most. */
    @Override
    public void close() {
        if (provider != null) {
            var unused = provider.shutdown().join(LAST.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Ids that the span brings, instead of random ones. */
    private static final class GivenIds implements IdGenerator {
        private final ThreadLocal<TraceParent> given = new ThreadLocal<>();

        <T> T with(TraceParent ids, java.util.function.Supplier<T> start) {
            given.set(ids);
            try {
                return start.get();
            } finally {
                given.remove();
            }
        }

        @Override
        public String generateTraceId() {
            return Objects.requireNonNull(given.get()).traceId();
        }

        @Override
        public String generateSpanId() {
            return Objects.requireNonNull(given.get()).spanId();
        }
    }
}
