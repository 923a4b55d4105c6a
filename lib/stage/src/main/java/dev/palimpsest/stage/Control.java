package dev.palimpsest.stage;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.PalimpsestException;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * What owners have asked for: the newest word on each audit. Every process reads the whole compacted topic when it starts. A unit of an
 * audit that is paused or cancelled is left out, not kept: who resumes the audit announces again what has no receipt.
 */
@ApplicationScoped
class Control {
    private static final Logger LOG = Logger.getLogger(Control.class);

    private final Map<AuditId, Word> words = new ConcurrentHashMap<>();

    private record Word(AuditControl.Action action, Instant when) {}

    @Incoming("audit-control")
    @Blocking("control")
    void on(byte[] record) {
        try {
            CloudEvent event = CloudEvent.fromJson(record);
            if (event.data() instanceof AuditControl control) {
                heard(control.audit(), new Word(control.action(), event.time()));
            }
        } catch (PalimpsestException e) {
            LOG.warnf("a control record that cannot be read was left out: %s", e.getMessage());
        }
    }

    /** A unit came that was announced again by this resumption, perhaps before the word itself. */
    void resumed(AuditId audit, Instant when) {
        heard(audit, new Word(AuditControl.Action.RESUME, when));
    }

    /** Also of an audit that was erased. */
    boolean cancelled(AuditId audit) {
        return last(audit) == AuditControl.Action.CANCEL || last(audit) == AuditControl.Action.ERASE;
    }

    boolean paused(AuditId audit) {
        return last(audit) == AuditControl.Action.PAUSE;
    }

    private AuditControl.Action last(AuditId audit) {
        Word word = words.get(audit);
        return word == null ? AuditControl.Action.RESUME : word.action();
    }

    private void heard(AuditId audit, Word word) {
        words.merge(audit, word, (before, now) -> now.when().isBefore(before.when()) ? before : now);
    }
}
