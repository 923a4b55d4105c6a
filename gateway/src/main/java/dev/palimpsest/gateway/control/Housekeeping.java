package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.State;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** From time to time: finishes erasures, and erases audits that ended longer ago than they are to be kept. */
public final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);

    /** Who erases what is too old. */
    static final String BY = "retention";

    private final Audits audits;
    private final Eraser eraser;
    private final @Nullable Duration retention;
    private final Clock clock;
    private final Rounds rounds = new Rounds("housekeeping", this::round);

    /** @param retention how long an audit is kept after its last news; null: for ever */
    public Housekeeping(Audits audits, Eraser eraser, @Nullable Duration retention, Clock clock) {
        this.audits = audits;
        this.eraser = eraser;
        this.retention = retention;
        this.clock = clock;
    }

    /** @param upToDate whether the view knows all that has happened: before that, an audit may look as if it had ended */
    public void start(Duration every, BooleanSupplier upToDate) {
        rounds.start(every, upToDate);
    }

    /** One round; a failure is logged, and the next round tries again. */
    public void round() {
        try {
            eraser.sweep();
            List<AuditId> old = old();
            if (!old.isEmpty()) {
                eraser.erase(old, BY);
            }
        } catch (RuntimeException e) {
            LOG.warnf("Housekeeping will try again: %s", e.getMessage());
        }
    }

    private List<AuditId> old() {
        if (retention == null) {
            return List.of();
        }
        Instant oldest = clock.instant().minus(retention);
        return audits
                .lines(line -> line.state().terminal()
                        && line.state() != State.ERASED
                        && line.updated() != null
                        && line.updated().isBefore(oldest))
                .stream()
                .map(line -> new AuditId(line.id()))
                .toList();
    }

    @Override
    public void close() {
        rounds.close();
    }
}
