package dev.palimpsest.spans;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that a service did for an audit, and that is over. It holds ids, names of ours and codes, never names of files or what a user wrote.
 *
 * @param self its trace and its id
 * @param parentId the span that it follows from, in the same trace; null: none is known
 * @param name of few different ones, such as {@code process invert.units}
 * @param attributes text by name
 * @param error the code of the failure that it ended with; null: it did not fail
 */
public record Span(
        TraceParent self,
        @Nullable String parentId,
        String name,
        Kind kind,
        Instant begin,
        Duration length,
        Map<String, String> attributes,
        @Nullable String error) {
    /** Which end of a topic it stands at. */
    public enum Kind {
        PRODUCER,
        CONSUMER
    }

    public Span {
        attributes = Map.copyOf(attributes);
    }
}
