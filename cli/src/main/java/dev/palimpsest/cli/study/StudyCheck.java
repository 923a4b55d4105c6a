package dev.palimpsest.cli.study;

import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.cli.plan.Plan;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a study before anything is sent.
 *
 * @param problems why a cell cannot be run, by the cell's name: its data cannot be trained on, its backbone cannot be read
 * @param minutes on one core of all others
 * @param cheapest of them, minutes
 */
public record StudyCheck(Map<String, String> problems, double minutes, double cheapest) {
    /** How wrong the estimate may be; see docs/limits.md. */
    private static final double FACTOR = 2;

    private record Data(
            Plan.@Nullable Inputs inputs, @Nullable String problem) {}

    /** Reads every dataset and backbone that the cells name, once. */
    public static StudyCheck of(Study study) {
        Map<List<@Nullable Object>, Data> known = new HashMap<>();
        Map<String, String> problems = new LinkedHashMap<>();
        List<Double> minutes = new ArrayList<>();
        for (Cell cell : study.cells()) {
            Submission submission = Submission.of(cell.spec(), study.base());
            Data data = known.computeIfAbsent(submission.data(), key -> read(submission));
            if (data.inputs() != null) {
                minutes.add(Plan.of(cell.spec(), data.inputs()).minutes());
            } else {
                problems.put(cell.spec().name(), String.valueOf(data.problem()));
            }
        }
        return new StudyCheck(
                problems,
                minutes.stream().mapToDouble(Double::doubleValue).sum(),
                minutes.stream().mapToDouble(Double::doubleValue).min().orElse(0));
    }

    private static Data read(Submission submission) {
        try {
            return new Data(submission.inputs(), null);
        } catch (PalimpsestException e) {
            return new Data(null, e.getMessage());
        }
    }

    /** @throws PalimpsestException USAGE when not even the cheapest cell can be expected to end in that time */
    public void requireRoom(Duration budget) {
        if (cheapest > FACTOR * budget.toSeconds() / 60.) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    String.format(
                            Locale.ROOT,
                            "--minutes %d is too little for a single cell: the cheapest takes about %.1f min on one core. Give more, or"
                                    + " fewer epochs and reconstruct.seconds. Nothing was sent.",
                            budget.toMinutes(),
                            cheapest));
        }
    }
}
