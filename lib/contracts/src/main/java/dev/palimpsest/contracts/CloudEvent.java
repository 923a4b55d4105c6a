package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A message in its envelope: CloudEvents 1.0, structured mode, JSON.
 *
 * @param id the same for every announcement of the same work, so that a receiver can tell a copy
 * @param subject the audit
 * @param schemaversion version of {@code data}; readers accept this build's version and the one before
 */
public record CloudEvent(
        String specversion,
        String id,
        String source,
        String type,
        String subject,
        Instant time,
        String datacontenttype,
        int schemaversion,
        @JsonProperty("data") Message data) {
    /** The version that this build writes. */
    public static final int SCHEMA_VERSION = 1;

    /** Media type of the encoded form. */
    public static final String MEDIA_TYPE = "application/cloudevents+json";

    private static final String NOT_READ = "Not a message that this build reads: ";
    private static final String TYPE_PREFIX = "dev.palimpsest.";

    private static final Map<String, Class<? extends Message>> TYPES = Map.of(
            TYPE_PREFIX + Topics.AUDIT_REQUESTED, Message.AuditRequested.class,
            TYPE_PREFIX + Topics.EMBED_UNITS, Message.EmbedUnit.class,
            TYPE_PREFIX + Topics.TARGET_READY, Message.TargetReady.class,
            TYPE_PREFIX + Topics.RECONSTRUCT_UNITS, Message.ReconstructUnit.class,
            TYPE_PREFIX + Topics.CANDIDATES_READY, Message.CandidatesReady.class,
            TYPE_PREFIX + Topics.SELECTION_READY, Message.SelectionReady.class,
            TYPE_PREFIX + Topics.INVERT_UNITS, Message.InvertUnit.class,
            TYPE_PREFIX + Topics.INVERSION_READY, Message.InversionReady.class,
            TYPE_PREFIX + Topics.AUDIT_PROGRESS, Message.AuditProgress.class,
            TYPE_PREFIX + Topics.AUDIT_CONTROL, Message.AuditControl.class);

    /** Wraps a message; {@code source} names the service that speaks. */
    public static CloudEvent of(Message message, String source, Instant time) {
        return new CloudEvent(
                "1.0",
                message.audit() + "/" + message.topic() + "/" + message.unit(),
                "/palimpsest/" + source,
                TYPE_PREFIX + message.topic(),
                message.audit().value(),
                time,
                "application/json",
                SCHEMA_VERSION,
                message);
    }

    /** The encoded form. */
    public byte[] toJson() {
        try {
            return Json.mapper().writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode the message " + id, e);
        }
    }

    /**
     * Decodes an envelope and its message. Fields that this build does not know are passed over.
     *
     * @param json a record's value; null for a tombstone, which is refused as any other record that holds no message
     * @throws PalimpsestException BAD_MESSAGE: not JSON, not a CloudEvent of a known type and version, or a field is missing
     *     or wrong; the sentence names the type and the field
     */
    public static CloudEvent fromJson(byte @Nullable [] json) {
        JsonNode node = parse(json);
        String specversion = text(node, "specversion");
        String type = text(node, "type");
        Class<? extends Message> data = TYPES.get(type);
        if (!"1.0".equals(specversion) || data == null) {
            throw bad("expected a CloudEvent 1.0 of a known type, found version " + specversion + " of type '" + type
                    + "'");
        }
        int version = version(node, type);
        return new CloudEvent(
                specversion,
                text(node, "id"),
                text(node, "source"),
                type,
                text(node, "subject"),
                instant(node, "time"),
                text(node, "datacontenttype"),
                version,
                message(node.path("data"), data, type));
    }

    private static JsonNode parse(byte @Nullable [] json) {
        if (json == null) {
            throw bad("a record without a value (a tombstone)");
        }
        try {
            JsonNode node = Json.mapper().readTree(json);
            if (node == null || !node.isObject()) {
                throw bad("not a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw bad("not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw bad("not JSON: " + e.getMessage(), e);
        }
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).asText("");
        if (text.isEmpty()) {
            throw bad("the envelope has no '" + field + "'");
        }
        return text;
    }

    private static int version(JsonNode node, String type) {
        JsonNode version = node.path("schemaversion");
        if (!version.isInt()) {
            throw bad(type + " has no 'schemaversion' that is a whole number");
        }
        if (version.intValue() != SCHEMA_VERSION) {
            throw bad(type + " has schema version " + version.intValue() + " and this build reads " + SCHEMA_VERSION
                    + "; run the same release of every service");
        }
        return version.intValue();
    }

    private static Instant instant(JsonNode node, String field) {
        String text = text(node, field);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw bad("'" + field + "' is not a time such as 2026-01-31T12:00:00Z: " + text, e);
        }
    }

    private static Message message(JsonNode node, Class<? extends Message> data, String type) {
        Optional<String> missing = RequiredFields.firstMissing(node, data, "data");
        if (missing.isPresent()) {
            throw bad(type + " has no '" + missing.get() + "'");
        }
        try {
            return Json.mapper().treeToValue(node, data);
        } catch (JsonMappingException e) {
            String reason = e.getCause() instanceof PalimpsestException own ? own.getMessage() : e.getOriginalMessage();
            throw bad(type + " has a wrong '" + path(e) + "': " + reason, e);
        } catch (JsonProcessingException e) {
            throw bad(type + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining("", "data", ""));
    }

    private static PalimpsestException bad(String found) {
        return new PalimpsestException(ErrorCode.BAD_MESSAGE, NOT_READ + found);
    }

    private static PalimpsestException bad(String found, Exception cause) {
        return new PalimpsestException(ErrorCode.BAD_MESSAGE, NOT_READ + found, cause);
    }
}
