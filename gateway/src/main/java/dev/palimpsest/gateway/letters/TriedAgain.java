package dev.palimpsest.gateway.letters;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.view.Audits;
import java.time.Instant;
import java.util.Map;

/** Takes back that a unit failed, before it is sent to its stage again: in this gateway's view at once, in every other by the topic. */
public final class TriedAgain {
    private final Announcer announcer;
    private final Audits audits;

    public TriedAgain(Announcer announcer, Audits audits) {
        this.announcer = announcer;
        this.audits = audits;
    }

    public void tell(AuditId audit, Stage stage, String unit) {
        CloudEvent news = CloudEvent.of(
                new AuditProgress(audit, stage, unit, 0, 1, "units", "resumed", "tried again", Map.of(), null),
                "gateway",
                Instant.now());
        announcer.announce(news, Map.of());
        audits.apply(news);
    }
}
