package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

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
     * Decodes an envelope and its message.
     *
     * @throws PalimpsestException BAD_MESSAGE: not JSON, not a CloudEvent of a known type and version, or a field is wrong
     */
    public static CloudEvent fromJson(byte[] json) {
        try {
            JsonNode node = Json.mapper().readTree(json);
            if (node == null || !node.isObject()) {
                throw bad("not a JSON object");
            }
            String type = node.path("type").asText("");
            Class<? extends Message> data = TYPES.get(type);
            if (!"1.0".equals(node.path("specversion").asText()) || data == null) {
                throw bad("expected a CloudEvent 1.0 of a known type, found type '" + type + "'");
            }
            int version = node.path("schemaversion").asInt(-1);
            if (version != SCHEMA_VERSION) {
                throw bad("schema version " + version + " of " + type + "; this build reads " + SCHEMA_VERSION);
            }
            Message message = Json.mapper().treeToValue(node.path("data"), data);
            if (message == null || message.audit() == null) {
                throw bad(type + " without data or without an audit id");
            }
            return new CloudEvent(
                    "1.0",
                    node.path("id").asText(),
                    node.path("source").asText(),
                    type,
                    node.path("subject").asText(),
                    Instant.parse(node.path("time").asText()),
                    node.path("datacontenttype").asText(),
                    version,
                    message);
        } catch (IOException | RuntimeException e) {
            if (e instanceof PalimpsestException known) {
                throw known;
            }
            throw new PalimpsestException(ErrorCode.BAD_MESSAGE, "Not a message: " + e.getMessage(), e);
        }
    }

    private static PalimpsestException bad(String found) {
        return new PalimpsestException(ErrorCode.BAD_MESSAGE, "Not a message that this build reads: " + found);
    }
}
