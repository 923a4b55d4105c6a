package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.view.Audits;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Tells every stage, and the view at once, what an owner asks of an audit. */
final class Words {
    private final Audits audits;
    private final Announcer announcer;
    private final Clock clock;

    Words(Audits audits, Announcer announcer, Clock clock) {
        this.audits = audits;
        this.announcer = announcer;
        this.clock = clock;
    }

    /** Announces a word that is newer than every word before; returns its time. */
    Instant say(AuditControl control) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant before = audits.askedAt(control.audit());
        Instant when = now.isAfter(before) ? now : before.plusMillis(1);
        CloudEvent word = CloudEvent.of(control, "gateway", when);
        announcer.announce(word, Map.of());
        audits.apply(word);
        return when;
    }
}
