package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The four stages of an audit, in order. */
public enum Stage {
    EMBED,
    RECONSTRUCT,
    SELECT,
    INVERT;

    /** The name used in keys, topics and pages. */
    @JsonValue
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
