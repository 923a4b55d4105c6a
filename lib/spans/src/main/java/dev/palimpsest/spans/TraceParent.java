package dev.palimpsest.spans;

import dev.palimpsest.artifacts.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the W3C header {@code traceparent} carries from a span to those that follow from it.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 */
public record TraceParent(String traceId, String spanId) {
    public static final String HEADER = "traceparent";

    private static final Pattern FORM =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-[0-9a-f]{2}");

    /** The trace that an audit is, when nobody began another. */
    public static String traceOf(String audit) {
        return hex(audit, 32);
    }

    /** The same for the same text. */
    public static String spanOf(String text) {
        return hex(text, 16);
    }

    /** The next span of an audit's trace, with an id that no other has. */
    public static TraceParent begin(String audit) {
        return new TraceParent(
                traceOf(audit),
                String.format("%016x", ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE)));
    }

    /** Reads a header; empty if it is none, or holds anything else. */
    public static Optional<TraceParent> parse(byte @Nullable [] header) {
        if (header == null) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(new String(header, StandardCharsets.US_ASCII));
        return matcher.matches() ? Optional.of(new TraceParent(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    /** The header's text. */
    public String header() {
        return "00-" + traceId + "-" + spanId + "-01";
    }

    private static String hex(String text, int digits) {
        return Digests.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, digits);
    }
}
