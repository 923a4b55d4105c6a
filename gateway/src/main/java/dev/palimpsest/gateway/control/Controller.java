package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.Message.AuditControl.Action;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.letters.DeadLetterBox;
import dev.palimpsest.gateway.letters.TriedAgain;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.State;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what an owner asks of an audit. Stages hear it on the control topic. Pausing and cancelling leave units out; resuming and
 * retrying announce again what is {@link OpenWork}, each unit with the time of the resumption, so that a worker that gets the unit before
 * the word does not leave it out.
 */
public final class Controller {
    private final Audits audits;
    private final GatewayStore store;
    private final Announcer announcer;
    private final DeadLetterBox letters;
    private final TriedAgain triedAgain;
    private final Shares shares;
    private final Clock clock;
    private final Words words;

    public Controller(
            Audits audits,
            GatewayStore store,
            Announcer announcer,
            DeadLetterBox letters,
            TriedAgain triedAgain,
            Shares shares,
            Clock clock) {
        this.audits = audits;
        this.store = store;
        this.announcer = announcer;
        this.letters = letters;
        this.triedAgain = triedAgain;
        this.shares = shares;
        this.clock = clock;
        this.words = new Words(audits, announcer, clock);
    }

    /** @throws PalimpsestException NOT_FOUND; CONFLICT when the audit has ended */
    public void cancel(AuditId audit) {
        State state = state(audit);
        if (state == State.DONE || state == State.FAILED || state == State.ERASED) {
            throw conflict(audit, state, "nothing is left to cancel");
        }
        say(audit, Action.CANCEL);
    }

    /** @throws PalimpsestException NOT_FOUND; CONFLICT when the audit has ended */
    public void pause(AuditId audit) {
        State state = state(audit);
        if (state.terminal()) {
            throw conflict(audit, state, "nothing is left to pause");
        }
        if (state != State.PAUSED) {
            say(audit, Action.PAUSE);
        }
    }

    /**
     * Lets a paused audit go on.
     *
     * @return how many units were announced again
     * @throws PalimpsestException NOT_FOUND; CONFLICT when the audit is not paused
     */
    public int resume(AuditId audit) {
        State state = state(audit);
        if (state != State.PAUSED) {
            throw conflict(audit, state, "only a paused audit is resumed; ':retry' does again what failed");
        }
        return goOn(audit, Stage.EMBED);
    }

    /**
     * Does again what is not done of a failed or cancelled audit, or of one that has ended without some of its pictures.
     *
     * @param from the stage to begin with; units of earlier ones stay as they are
     * @return how many units were announced again
     * @throws PalimpsestException NOT_FOUND; CONFLICT when nothing failed, or nothing is open from that stage on
     */
    public int retry(AuditId audit, @Nullable Stage from) {
        AuditSnapshot snapshot = snapshot(audit);
        State state = snapshot.view().state();
        boolean failed = !snapshot.view().failures().isEmpty();
        if (state != State.FAILED && state != State.CANCELLED && !failed) {
            throw conflict(audit, state, "nothing of it has failed, so that there is nothing to try again");
        }
        return goOn(audit, from == null ? Stage.EMBED : from);
    }

    private int goOn(AuditId audit, Stage from) {
        List<OpenWork.Open> all = OpenWork.of(store, audit, request(audit));
        List<OpenWork.Open> open =
                all.stream().filter(work -> work.stage().compareTo(from) >= 0).toList();
        if (open.isEmpty() && !all.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "Nothing of audit " + audit + " is left to do from the stage " + from.id()
                            + " on; what is left begins with "
                            + all.get(0).stage().id());
        }
        Instant when = say(audit, Action.RESUME);
        for (OpenWork.Open work : open) {
            triedAgain.tell(audit, work.stage(), work.message().unit());
            int attempt = letters.announcedAgain(work.message());
            Map<String, String> headers = new HashMap<>(shares.headers(audits.tenant(audit.value())));
            headers.put(RecordHeaders.RESUMED_AT, when.toString());
            if (attempt > 1) {
                headers.put(RecordHeaders.ATTEMPT, Integer.toString(attempt));
            }
            announcer.announce(CloudEvent.of(work.message(), "gateway", clock.instant()), headers);
        }
        return open.size();
    }

    private Instant say(AuditId audit, Action action) {
        return words.say(new AuditControl(audit, action));
    }

    private ArtifactRef request(AuditId audit) {
        ArtifactRef request = snapshot(audit).request();
        if (request == null) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT, "The request of audit " + audit + " has not been read yet: ask again");
        }
        return request;
    }

    private AuditSnapshot snapshot(AuditId audit) {
        return audits.snapshot(audit).orElseThrow(() -> unknown(audit));
    }

    private State state(AuditId audit) {
        return audits.view(audit).orElseThrow(() -> unknown(audit)).state();
    }

    private static PalimpsestException unknown(AuditId audit) {
        return new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + audit);
    }

    private static PalimpsestException conflict(AuditId audit, State state, String why) {
        return new PalimpsestException(ErrorCode.CONFLICT, "Audit " + audit + " is " + state.id() + ": " + why);
    }
}
