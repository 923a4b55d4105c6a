package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Patience;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Submits the cells of a study and waits for them. The same cell is the same audit: a study that is run again, also after its process was
 * killed, finds what was computed, and goes on with what was not.
 */
public final class StudyRun {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    /** Cells that are open side by side: more than a large installation has workers, fewer than a gateway takes on. */
    private static final int AT_ONCE = 200;

    private final Study study;
    private final GatewayClient client;
    private final Function<AuditSpec, String> submit;
    private final Patience patience;
    private final Patience.Pause pause;

    /** Told how it goes. */
    public interface Listener {
        /** A cell ended, or something stands in the way. */
        void said(String line);

        /** What is known now, after a cell ended. */
        void changed(List<Outcome> outcomes);
    }

    /**
     * Nothing is sent yet.
     *
     * @param submit gives the id of a spec's audit
     */
    public StudyRun(
            Study study,
            GatewayClient client,
            Function<AuditSpec, String> submit,
            Patience patience,
            Patience.Pause pause) {
        this.study = study;
        this.client = client;
        this.submit = submit;
        this.patience = patience;
        this.pause = pause;
    }

    /**
     * Runs what can be run; a cell that cannot, or fails, stops nothing.
     *
     * @param problems of cells that are not sent, by name
     * @param longest after which what is not done is left as it is: it goes on at the gateway
     */
    public List<Outcome> run(Map<String, String> problems, Duration longest, Listener listener)
            throws InterruptedException {
        Instant end = Instant.now().plus(longest);
        List<Outcome> outcomes = new ArrayList<>();
        int ended = 0;
        for (Cell cell : study.cells()) {
            String problem = problems.get(cell.spec().name());
            Outcome outcome = problem == null ? Outcome.waiting(cell) : Outcome.refused(cell, problem);
            outcomes.add(outcome);
            if (outcome.over()) {
                listener.said(line(++ended, outcome));
            }
        }
        listener.changed(List.copyOf(outcomes));
        while (ended < outcomes.size() && Instant.now().isBefore(end)) {
            int open = 0;
            for (int i = 0; i < outcomes.size() && open < AT_ONCE; i++) {
                if (!outcomes.get(i).over()) {
                    Outcome now = next(outcomes.get(i));
                    outcomes.set(i, now);
                    if (now.over()) {
                        listener.said(line(++ended, now));
                        listener.changed(List.copyOf(outcomes));
                    } else {
                        open++;
                    }
                }
            }
            if (ended < outcomes.size()) {
                pause.of(LOOK_EVERY);
            }
        }
        if (ended < outcomes.size()) {
            listener.changed(List.copyOf(outcomes));
        }
        return outcomes;
    }

    private Outcome next(Outcome outcome) throws InterruptedException {
        return outcome.audit().isEmpty() ? submit(outcome.cell()) : look(outcome);
    }

    /** A gateway that takes on no more for now is asked again with the next look. */
    private Outcome submit(Cell cell) throws InterruptedException {
        try {
            String id = patience.call(() -> {
                try {
                    return submit.apply(cell.spec());
                } catch (PalimpsestException e) {
                    if (e.code() == ErrorCode.BUSY) {
                        return "";
                    }
                    throw e;
                }
            });
            return id.isEmpty() ? Outcome.waiting(cell) : outcome(cell, id);
        } catch (PalimpsestException e) {
            if (e.retryable()) {
                throw e;
            }
            return Outcome.refused(cell, String.valueOf(e.getMessage()));
        }
    }

    private Outcome look(Outcome outcome) throws InterruptedException {
        try {
            return outcome(outcome.cell(), outcome.audit());
        } catch (PalimpsestException e) {
            if (e.retryable()) {
                throw e;
            }
            return Outcome.lost(outcome.cell(), outcome.audit(), String.valueOf(e.getMessage()));
        }
    }

    private Outcome outcome(Cell cell, String id) throws InterruptedException {
        JsonNode view = patience.call(() -> client.get(id));
        JsonNode report = view.path("state").asText().equals("done")
                ? patience.call(() -> client.read("/api/v1/audits/" + id + "/report.json"))
                : MissingNode.getInstance();
        return Outcome.of(cell, view, report);
    }

    private String line(int ended, Outcome outcome) {
        return (ended + "/" + study.cells().size() + " " + outcome.cell().label() + ": "
                        + (outcome.failed()
                                ? outcome.state() + ", " + outcome.reason()
                                : "grade " + (outcome.grade() == null ? "-" : outcome.grade()))
                        + " " + outcome.audit())
                .strip();
    }
}
