package dev.palimpsest.chaos;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Audits of the same study that are on their way, and what came of those that have ended, against an undisturbed one. */
final class Audits {
    private final TinyStudy study;
    private final GatewayClient gateway;
    private final ArtifactStore store;
    private final Outcome undisturbed;
    private final Set<AuditId> running = new LinkedHashSet<>();
    private int finished;
    private final List<String> wrong = new ArrayList<>();

    Audits(TinyStudy study, GatewayClient gateway, ArtifactStore store, Outcome undisturbed) {
        this.study = study;
        this.gateway = gateway;
        this.store = store;
        this.undisturbed = undisturbed;
    }

    AuditId submit() {
        AuditId audit = study.submit(gateway);
        running.add(audit);
        return audit;
    }

    List<AuditId> running() {
        return List.copyOf(running);
    }

    int finished() {
        return finished;
    }

    /** Audits that ended in another way, or with another result. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Units that have taken effect, of audits that are on their way. */
    int units() {
        return running.stream()
                .mapToInt(audit -> store.list(Keys.receipts(audit)).size())
                .sum();
    }

    /** Looks which have ended, and compares them. */
    void collect() {
        for (AuditId audit : running()) {
            String state = gateway.get(audit.value()).path("state").asText();
            if (state.equals("done")) {
                running.remove(audit);
                finished++;
                if (!Outcome.of(gateway, store, audit).covers(undisturbed)) {
                    wrong.add(audit + " has another result");
                }
            } else if (state.equals("failed") || state.equals("cancelled")) {
                running.remove(audit);
                wrong.add(audit + " " + state);
            }
        }
    }
}
