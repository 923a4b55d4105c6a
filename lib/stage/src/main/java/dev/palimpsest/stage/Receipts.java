package dev.palimpsest.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The create-once record that a unit is done, with the messages that it announces. It is what makes five deliveries of a unit
 * one effect: whoever finds it announces what it lists and does no work.
 */
final class Receipts {
    private final ArtifactStore store;

    Receipts(ArtifactStore store) {
        this.store = store;
    }

    /** What the unit announced when it was done; empty while it is not. */
    Optional<List<CloudEvent>> find(Stage stage, Message message) {
        return store.stat(key(stage, message)).map(this::read);
    }

    /** Marks the unit as done; if another worker was first, returns what that one announced. */
    List<CloudEvent> create(Stage stage, Message message, List<CloudEvent> announced) {
        String key = key(stage, message);
        List<String> encoded = announced.stream()
                .map(event -> new String(event.toJson(), StandardCharsets.UTF_8))
                .toList();
        try {
            byte[] json = Json.mapper().writeValueAsBytes(new Receipt(CloudEvent.SCHEMA_VERSION, encoded));
            store.put(key, json, "application/json");
            return announced;
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode the receipt " + key, e);
        } catch (PalimpsestException e) {
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
            return find(stage, message).orElseThrow(() -> e);
        }
    }

    private List<CloudEvent> read(ArtifactRef ref) {
        try {
            return Json.mapper().readValue(store.get(ref), Receipt.class).announced().stream()
                    .map(json -> CloudEvent.fromJson(json.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, "The receipt " + ref.key() + " is damaged", e);
        }
    }

    private static String key(Stage stage, Message message) {
        return Keys.receipt(message.audit(), stage, message.topic().replace('.', '-') + "_" + message.unit());
    }

    private record Receipt(int schemaVersion, List<String> announced) {}
}
