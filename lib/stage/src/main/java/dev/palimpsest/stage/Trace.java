package dev.palimpsest.stage;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jboss.logging.MDC;

/**
 * One trace an audit, across all services: the W3C header {@code traceparent} of the record that was handled names the trace that what is
 * announced continues. A record without one belongs to the trace that is named by its audit. The audit's share goes the same way. While a unit is handled, every line of the log
 * bears {@code audit}, {@code stage}, {@code unit}, {@code share}, {@code traceId} and {@code spanId}.
 */
final class Trace implements AutoCloseable {
    static final String HEADER = "traceparent";

    private static final Pattern FORM = Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private Trace() {}

    /** From now on this thread works on the unit, until it is closed. */
    static Trace enter(Headers headers, Stage stage, Message message) {
        String audit = message.audit().value();
        MDC.put("audit", audit);
        MDC.put("stage", stage.id());
        MDC.put("unit", message.unit());
        MDC.put("traceId", traceId(headers, audit));
        MDC.put(RecordHeaders.SHARE, Integer.toString(Share.of(headers)));
        // A unit that is handled again is the same span.
        MDC.put("spanId", hex(audit + " " + stage.id() + " " + message.topic() + " " + message.unit(), 16));
        return new Trace();
    }

    /** The header for what this thread announces; empty outside units. */
    static Optional<String> current() {
        Object trace = MDC.get("traceId");
        Object span = MDC.get("spanId");
        return trace == null || span == null ? Optional.empty() : Optional.of("00-" + trace + "-" + span + "-01");
    }

    /** The audit's share, for what this thread announces; empty outside units, and for an ordinary one. */
    static Optional<String> share() {
        return Optional.ofNullable(MDC.get(RecordHeaders.SHARE))
                .map(Object::toString)
                .filter(share -> !share.equals("1"));
    }

    @Override
    public void close() {
        for (String key : new String[] {"audit", "stage", "unit", "traceId", "spanId", RecordHeaders.SHARE}) {
            MDC.remove(key);
        }
    }

    private static String traceId(Headers headers, String audit) {
        Header header = headers.lastHeader(HEADER);
        if (header != null && header.value() != null) {
            var matcher = FORM.matcher(new String(header.value(), StandardCharsets.US_ASCII));
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return hex(audit, 32);
    }

    private static String hex(String text, int digits) {
        return Digests.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, digits);
    }
}
