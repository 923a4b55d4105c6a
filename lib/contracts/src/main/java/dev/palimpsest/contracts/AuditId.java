package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * Identifies one audit in messages, keys and addresses.
 *
 * @param value 3 to 64 lower-case letters, digits and inner hyphens
 */
public record AuditId(@JsonValue String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{1,62}[a-z0-9]");

    @JsonCreator
    public AuditId {
        if (value == null || !FORM.matcher(value).matches()) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "'" + value + "' is not an audit id: expected 3 to 64 lower-case letters, digits and hyphens");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
