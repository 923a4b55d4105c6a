package dev.palimpsest.stage;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.PalimpsestException;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** What owners have asked for. Every process reads the whole compacted topic when it starts. */
@ApplicationScoped
class Control {
    private static final Logger LOG = Logger.getLogger(Control.class);

    private final Set<AuditId> cancelled = ConcurrentHashMap.newKeySet();

    @Incoming("audit-control")
    @Blocking("control")
    void on(byte[] record) {
        try {
            if (CloudEvent.fromJson(record).data() instanceof AuditControl control) {
                switch (control.action()) {
                    case CANCEL -> cancelled.add(control.audit());
                    case RESUME -> cancelled.remove(control.audit());
                    case PAUSE -> LOG.warnf("pause of %s is not supported by this release", control.audit());
                }
            }
        } catch (PalimpsestException e) {
            LOG.warnf("a control record that cannot be read was left out: %s", e.getMessage());
        }
    }

    boolean cancelled(AuditId audit) {
        return cancelled.contains(audit);
    }
}
