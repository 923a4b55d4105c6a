package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Receipt;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.store.GatewayStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is left to do of an audit, as the store knows it: every message that was announced to a stage and has no receipt there. The
 * announcements are in the receipts of the units before; the first one is the request itself. So nothing is lost when workers leave the
 * units of a paused or cancelled audit out, or when one of them went to the dead letters.
 */
final class OpenWork {
    private OpenWork() {}

    /** A message and the stage that has to work on it. */
    record Open(Stage stage, Message message) {}

    /** In the order of the stages. */
    static List<Open> of(GatewayStore store, AuditId audit, ArtifactRef request) {
        Set<String> done = new HashSet<>(store.list(Keys.receipts(audit)));
        Map<String, Open> announced = new LinkedHashMap<>();
        put(announced, new Message.AuditRequested(audit, request));
        for (String key : done) {
            for (CloudEvent event : receipt(store, key).events()) {
                put(announced, event.data());
            }
        }
        List<Open> open = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            announced.forEach((key, work) -> {
                if (work.stage() == stage && !done.contains(key)) {
                    open.add(work);
                }
            });
        }
        return open;
    }

    private static Receipt receipt(GatewayStore store, String key) {
        ArtifactRef ref = store.find(key).orElseThrow();
        return Receipt.fromJson(store.bytes(ref), key);
    }

    private static void put(Map<String, Open> announced, Message message) {
        Optional<Stage> stage = Topics.worker(message.topic());
        stage.ifPresent(worker -> announced.put(Receipt.key(worker, message), new Open(worker, message)));
    }
}
