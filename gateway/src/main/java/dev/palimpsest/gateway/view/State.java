package dev.palimpsest.gateway.view;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far an audit, or one stage of it, has come. */
public enum State {
    REQUESTED,
    EMBEDDING,
    RECONSTRUCTING,
    SELECTING,
    INVERTING,
    PAUSED,
    DONE,
    FAILED,
    CANCELLED,
    ERASED;

    /** The name in JSON and on pages. */
    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether nothing more will happen. */
    public boolean terminal() {
        return this == DONE || this == FAILED || this == CANCELLED || this == ERASED;
    }
}
