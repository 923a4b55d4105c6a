package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Submits the cells of a study and waits for them. The same cell is the same audit: a study that is run again finds what was computed, and
 * goes on with what was not.
 */
public final class StudyRun {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Study study;
    private final GatewayClient client;
    private final Supplier<Optional<PalimpsestException>> over;

    /** @param over why the gateway is gone, when it is */
    public StudyRun(Study study, GatewayClient client, Supplier<Optional<PalimpsestException>> over) {
        this.study = study;
        this.client = client;
        this.over = over;
    }

    /**
     * @param longest after which what is not done is left as it is: it goes on at the gateway
     * @param changed told of each cell that ends, with how many have
     */
    public List<Outcome> run(Duration longest, Consumer<String> changed) throws InterruptedException {
        Instant end = Instant.now().plus(longest);
        List<Outcome> outcomes = new ArrayList<>();
        for (Cell cell : study.cells()) {
            outcomes.add(submit(cell));
        }
        int ended = 0;
        for (Outcome outcome : outcomes) {
            if (outcome.over()) {
                changed.accept(line(++ended, outcome));
            }
        }
        while (outcomes.stream().anyMatch(outcome -> !outcome.over())
                && Instant.now().isBefore(end)) {
            Thread.sleep(PAUSE.toMillis());
            for (int i = 0; i < outcomes.size(); i++) {
                if (!outcomes.get(i).over()) {
                    outcomes.set(i, look(outcomes.get(i)));
                    if (outcomes.get(i).over()) {
                        changed.accept(line(++ended, outcomes.get(i)));
                    }
                }
            }
        }
        return outcomes;
    }

    private Outcome submit(Cell cell) {
        try {
            String id = Submission.of(cell.spec(), study.base()).send(client, false, sentence -> {});
            return outcome(cell, id);
        } catch (PalimpsestException e) {
            if (e.retryable()) {
                throw over.get().orElse(e);
            }
            return Outcome.refused(cell, String.valueOf(e.getMessage()));
        }
    }

    private Outcome look(Outcome outcome) {
        try {
            return outcome(outcome.cell(), outcome.audit());
        } catch (PalimpsestException e) {
            throw over.get().orElse(e);
        }
    }

    private Outcome outcome(Cell cell, String id) {
        JsonNode view = client.get(id);
        JsonNode report = view.path("state").asText().equals("done")
                ? client.read("/api/v1/audits/" + id + "/report.json")
                : MissingNode.getInstance();
        return Outcome.of(cell, view, report);
    }

    private String line(int ended, Outcome outcome) {
        String seed = outcome.cell().settings().get(Cell.SEED);
        return ended + "/" + study.cells().size() + " " + outcome.cell().group()
                + (seed == null ? "" : ", seed " + seed) + ": "
                + (outcome.failed() ? outcome.state() + ", " + outcome.reason() : "grade " + outcome.grade())
                + " " + outcome.audit();
    }
}
