package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Receipt;
import dev.palimpsest.contracts.Stage;
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
        return store.stat(Receipt.key(stage, message))
                .map(ref -> Receipt.fromJson(store.get(ref), ref.key()).events());
    }

    /** Marks the unit as done; if another worker was first, returns what that one announced. */
    List<CloudEvent> create(Stage stage, Message message, List<CloudEvent> announced) {
        try {
            store.put(Receipt.key(stage, message), Receipt.of(announced).toJson(), "application/json");
            return announced;
        } catch (PalimpsestException e) {
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
            return find(stage, message).orElseThrow(() -> e);
        }
    }
}
