package dev.palimpsest.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The stored mark that a unit is done, with the messages that it announced. All receipts of an audit together say what is left to do:
 * whatever was announced to a stage and has no receipt.
 *
 * @param announced encoded {@link CloudEvent}s, in order
 */
public record Receipt(int schemaVersion, List<String> announced) {
    public Receipt {
        announced = List.copyOf(announced);
    }

    /** Of a unit that announced these. */
    public static Receipt of(List<CloudEvent> events) {
        return new Receipt(
                CloudEvent.SCHEMA_VERSION,
                events.stream()
                        .map(event -> new String(event.toJson(), StandardCharsets.UTF_8))
                        .toList());
    }

    /** Where the receipt of a message lies once the stage is done with it. */
    public static String key(Stage stage, Message message) {
        return Keys.receipt(message.audit(), stage, message.topic().replace('.', '-') + "_" + message.unit());
    }

    /** Reads what {@link #toJson} wrote; {@code origin} names it in the failure. */
    public static Receipt fromJson(byte[] json, String origin) {
        try {
            return Json.mapper().readValue(json, Receipt.class);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, "The receipt " + origin + " is damaged", e);
        }
    }

    /** What the unit announced. */
    public List<CloudEvent> events() {
        return announced.stream()
                .map(json -> CloudEvent.fromJson(json.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    /** The stored form. */
    public byte[] toJson() {
        try {
            return Json.mapper().writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode a receipt", e);
        }
    }
}
