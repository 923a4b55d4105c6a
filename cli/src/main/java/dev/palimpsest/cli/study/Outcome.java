package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.AuditSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a cell. Shares are of the members, 0 to 1.
 *
 * @param audit its id; empty before it is sent, and when it was refused
 * @param state of the audit, {@code waiting} before there is one, or {@code refused}
 * @param reason why it failed; empty otherwise
 * @param recovered matched above cosine .9; null without a verdict, as all that follow
 * @param recoverable above .9 by the bound of the row space
 * @param tpr of members at 1 % false positives among controls
 * @param bestControl the best cosine that any control reached
 * @param accuracy on held-out samples
 * @param epsilon of DP-SGD; null without it
 * @param residual relative stationarity residual of the head: how well holds what the attack assumes
 * @param withMembers members above cosine .9 when the best of all candidates is kept for each, as who has the members can; null in audits of
 *     earlier releases
 * @param withControls the same of controls
 * @param precision of the first 20 representatives, the share above .9 to some member; null where there are fewer, and in audits of earlier releases
 */
public record Outcome(
        Cell cell,
        String audit,
        String state,
        String reason,
        @Nullable String grade,
        @Nullable Double recovered,
        @Nullable Double recoverable,
        @Nullable Double tpr,
        @Nullable Double bestControl,
        @Nullable Double accuracy,
        @Nullable Double epsilon,
        @Nullable Double residual,
        @Nullable Double withMembers,
        @Nullable Double withControls,
        @Nullable Double precision) {

    /** Of a cell that was not sent yet. */
    static Outcome waiting(Cell cell) {
        return without(cell, "", "waiting", "");
    }

    /** Of a cell that did not become an audit. */
    static Outcome refused(Cell cell, String reason) {
        return without(cell, "", "refused", reason);
    }

    /** Of an audit that cannot be looked at any more. */
    static Outcome lost(Cell cell, String audit, String reason) {
        return without(cell, audit, "failed", reason);
    }

    private static Outcome without(Cell cell, String audit, String state, String reason) {
        return new Outcome(
                cell, audit, state, reason, null, null, null, null, null, null, null, null, null, null, null);
    }

    /**
     * By the gateway's view of its audit.
     *
     * @param report {@code report.json} of an audit that is done; a missing node before
     */
    static Outcome of(Cell cell, JsonNode view, JsonNode report) {
        List<String> failures = new ArrayList<>();
        view.path("failures").forEach(failure -> failures.add(failure.asText()));
        JsonNode verdict = view.path("verdict");
        double members = verdict.path("members").asDouble();
        boolean judged = members > 0;
        JsonNode known = verdict.path("withMembers");
        return new Outcome(
                cell,
                view.path("id").asText(),
                view.path("state").asText(),
                String.join("; ", failures),
                judged ? verdict.path("grade").asText(null) : null,
                judged ? verdict.path("matched").path("0.9").asDouble() / members : null,
                judged ? verdict.path("recoverable").path("0.9").asDouble() / members : null,
                judged ? verdict.path("tprAtFpr1").asDouble() : null,
                judged ? verdict.path("nullMaximum").asDouble() : null,
                fact(report, "heldOutAccuracy"),
                fact(report, "dpEpsilon"),
                fact(report, "stationarityResidual"),
                judged ? share(known.path("matched").path("0.9"), members) : null,
                judged
                        ? share(
                                known.path("matchedControls").path("0.9"),
                                verdict.path("controls").asDouble())
                        : null,
                share(verdict.path("precision").path("20"), 1));
    }

    private static @Nullable Double share(JsonNode count, double of) {
        return count.isNumber() && of > 0 ? count.asDouble() / of : null;
    }

    private static @Nullable Double fact(JsonNode report, String name) {
        for (JsonNode fact : report.path("provenance")) {
            if (fact.path("name").asText().equals(name)) {
                return Double.valueOf(fact.path("value").asText());
            }
        }
        return null;
    }

    /**
     * Without any candidate even the controls are matched by nothing: then a grade of A is the absence of a result. Not so for a linear head, in
     * which members cannot be told apart by construction.
     */
    boolean searched() {
        AuditSpec.TrainSpec train = cell.spec().target().train();
        boolean linear = train != null && Integer.valueOf(0).equals(train.depth());
        return bestControl == null || bestControl >= 0 || linear;
    }

    /** Whether nothing more will happen. */
    public boolean over() {
        return failed() || state.equals("done");
    }

    /** Whether it ended without a result. */
    public boolean failed() {
        return List.of("failed", "cancelled", "erased", "refused").contains(state);
    }
}
