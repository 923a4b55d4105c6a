package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.Audits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Looks from time to time which audits have used up what they may use, and cancels those; their units are counted by their receipts. */
public final class Budgets implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Budgets.class);

    private final Audits audits;
    private final GatewayStore store;
    private final Words words;
    private final Clock clock;
    private final Rounds rounds = new Rounds("budgets", this::round);

    public Budgets(Audits audits, GatewayStore store, Announcer announcer, Clock clock) {
        this.audits = audits;
        this.store = store;
        this.words = new Words(audits, announcer, clock);
        this.clock = clock;
    }

    /** @param upToDate whether the view knows all that has happened: before that, an audit may look as if it had not ended */
    public void start(Duration every, BooleanSupplier upToDate) {
        rounds.start(every, upToDate);
    }

    /** One round; a failure is logged, and the next round tries again. */
    void round() {
        try {
            for (Audits.Budget budget : audits.budgets()) {
                usedUp(budget).ifPresent(reason -> stop(budget.audit(), reason));
            }
        } catch (RuntimeException e) {
            LOG.warnf("Budgets will be looked at again: %s", e.getMessage());
        }
    }

    private Optional<String> usedUp(Audits.Budget budget) {
        Integer seconds = budget.most().seconds();
        Instant now = clock.instant();
        if (seconds != null && now.isAfter(budget.since().plusSeconds(seconds))) {
            return Optional.of("Stopped by its budget: budget.seconds is " + seconds
                    + ". What is finished stays; trying again gives it as much once more.");
        }
        Integer units = budget.most().units();
        if (units != null && store.list(Keys.receipts(budget.audit())).size() >= units) {
            return Optional.of("Stopped by its budget: budget.units is " + units
                    + ". What is finished stays; going on takes another audit with a larger budget.");
        }
        return Optional.empty();
    }

    private void stop(AuditId audit, String reason) {
        LOG.infof("audit %s: %s", audit, reason);
        words.say(AuditControl.stopped(audit, reason));
    }

    @Override
    public void close() {
        rounds.close();
    }
}
