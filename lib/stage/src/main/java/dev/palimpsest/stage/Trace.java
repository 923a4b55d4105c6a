package dev.palimpsest.stage;

import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.spans.Span;
import dev.palimpsest.spans.Spans;
import dev.palimpsest.spans.TraceParent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * One trace an audit, across all services: the W3C header {@code traceparent} of the record that was handled names the trace that what is
 * announced continues. A record without one belongs to the trace that is named by its audit. The audit's share goes the same way. While a unit is handled, every line of the log
 * bears {@code audit}, {@code stage}, {@code unit}, {@code share}, {@code traceId} and {@code spanId}. A unit that was done or has failed here is a span; one that was done before
 * or is left out is none.
 */
final class Trace implements AutoCloseable {
    static final String HEADER = TraceParent.HEADER;

    private final Stage stage;
    private final Message message;
    private final int attempt;
    private final @Nullable String parentId;
    private final TraceParent self;
    private final Instant begin = Instant.now();
    private final long beginNanos = System.nanoTime();

    private Trace(Headers headers, Stage stage, Message message) {
        this.stage = stage;
        this.message = message;
        this.attempt = DeadLetters.attempt(headers);
        String audit = message.audit().value();
        Header header = headers.lastHeader(HEADER);
        Optional<TraceParent> parent = TraceParent.parse(header == null ? null : header.value());
        this.parentId = parent.map(TraceParent::spanId).orElse(null);
        // A unit that is handled again is the same span; one that failed and is tried again is another.
        String unit = audit + " " + stage.id() + " " + message.topic() + " " + message.unit();
        this.self = new TraceParent(
                parent.map(TraceParent::traceId).orElse(TraceParent.traceOf(audit)),
                TraceParent.spanOf(attempt == 1 ? unit : unit + " " + attempt));
    }

    /** From now on this thread works on the unit, until it is closed. */
    static Trace enter(Headers headers, Stage stage, Message message) {
        Trace trace = new Trace(headers, stage, message);
        MDC.put("audit", message.audit().value());
        MDC.put("stage", stage.id());
        MDC.put("unit", message.unit());
        MDC.put("traceId", trace.self.traceId());
        MDC.put(RecordHeaders.SHARE, Integer.toString(Share.of(headers)));
        MDC.put("spanId", trace.self.spanId());
        return trace;
    }

    /** Which attempt at the unit this is, from 1. */
    int attempt() {
        return attempt;
    }

    /** The header for what this thread announces; empty outside units. */
    static Optional<String> current() {
        Object trace = MDC.get("traceId");
        Object span = MDC.get("spanId");
        return trace == null || span == null
                ? Optional.empty()
                : Optional.of(new TraceParent(trace.toString(), span.toString()).header());
    }

    /** The audit's share, for what this thread announces; empty outside units, and for an ordinary one. */
    static Optional<String> share() {
        return Optional.ofNullable(MDC.get(RecordHeaders.SHARE))
                .map(Object::toString)
                .filter(share -> !share.equals("1"));
    }

    /**
     * The unit's work has ended.
     *
     * @param error the code of its failure; null: it is done
     */
    void ended(Spans spans, @Nullable String error) {
        spans.add(new Span(
                self,
                parentId,
                "process " + message.topic(),
                Span.Kind.CONSUMER,
                begin,
                Duration.ofNanos(System.nanoTime() - beginNanos),
                Map.of(
                        "palimpsest.audit", message.audit().value(),
                        "palimpsest.stage", stage.id(),
                        "palimpsest.unit", message.unit(),
                        "palimpsest.attempt", Integer.toString(attempt),
                        "messaging.system", "kafka",
                        "messaging.operation.type", "process",
                        "messaging.destination.name", message.topic()),
                error));
    }

    @Override
    public void close() {
        for (String key : new String[] {"audit", "stage", "unit", "traceId", "spanId", RecordHeaders.SHARE}) {
            MDC.remove(key);
        }
    }
}
