package dev.palimpsest.gateway.view;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One audit in a list.
 *
 * @param requested when the gateway accepted it; null until the request was read
 * @param updated when the newest news came
 * @param grade null without members, or before the last selection
 * @param pictures finished ones, of {@code expectedPictures}
 * @param failures how many pieces of work failed
 */
public record AuditLine(
        String id,
        String name,
        State state,
        @Nullable Instant requested,
        @Nullable Instant updated,
        @Nullable String grade,
        int pictures,
        int expectedPictures,
        int failures,
        String backbone) {}
