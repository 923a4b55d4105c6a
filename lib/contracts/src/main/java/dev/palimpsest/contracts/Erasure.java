package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is left of an audit that was erased; it says nothing of what the audit was about. Stored before the first object is deleted, so
 * that what an interruption left behind can be deleted later.
 *
 * @param requested when the audit was accepted; null when that was not known any more
 * @param erased when it was erased
 * @param by who asked for it
 * @param tenant whose audit it was; null: nobody's in particular
 */
public record Erasure(
        int schemaVersion,
        AuditId audit,
        @Nullable Instant requested,
        Instant erased,
        String by,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String tenant) {}
