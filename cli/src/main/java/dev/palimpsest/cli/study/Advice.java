package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which defence to take: of those that reach grade A or B, the one that costs the least accuracy on held-out samples; of equals the better
 * grade, then the smaller leak.
 *
 * @param recommended null when there is none
 */
public record Advice(String sentence, @Nullable Summary recommended) {
    private static final String AS_IT_IS = "as it is";

    /** Above that a guarantee of differential privacy is one in name: it lets an adversary's odds grow by more than e to the tenth. */
    private static final double LARGE_EPSILON = 10;

    /** One for each kind of defence, at a strength that a user would begin with; see docs/defences.md. */
    private static final Map<String, String> TRIED = Map.of(
            "dropout 0.5", "{\"dropout\": 0.5}",
            "label smoothing 0.2", "{\"labelSmoothing\": 0.2}",
            "embedding noise 1", "{\"embeddingNoise\": 1.0}",
            "Adam, batches of 16", "{\"batch\": 16, \"optimiser\": \"adam\"}",
            "weight noise 0.5", "{\"weightNoise\": 0.5}",
            "4 bits", "{\"bits\": 4}",
            "rank 8", "{\"rank\": 8}",
            "DP-SGD", "{\"batch\": 16, \"dpClip\": 1.0, \"dpNoise\": 1.0}");

    /**
     * The audit as it is, a tenth of its epochs, an eighth of its weight decay, a linear head, and each defence that is tried; no pictures but
     * of the audit itself.
     *
     * @throws PalimpsestException BAD_SPEC for a head that is not trained here, or that has a defence already
     */
    public static Study study(AuditSpec spec) {
        AuditSpec.TrainSpec train = spec.target().train();
        if (train == null || train.defence() != null) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    train == null
                            ? "Advice needs a head that can be trained again: a spec with target.train"
                            : "target.train.defence: advice begins without one; take it out");
        }
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(AS_IT_IS, Map.of(), spec));
        Integer epochs = train.epochs();
        Double decay = train.weightDecay();
        if (epochs != null && epochs >= 10) {
            cells.add(unsettled(spec, "a tenth of the epochs", part -> part.put("epochs", epochs / 10)));
        }
        if (decay != null && decay > 0) {
            cells.add(unsettled(spec, "an eighth of the weight decay", part -> part.put("weightDecay", decay / 8)));
        }
        if (!Integer.valueOf(0).equals(train.depth())) {
            cells.add(with(spec, "linear head", part -> part.put("depth", 0)));
        }
        TRIED.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(defence -> cells.add(with(
                        spec,
                        defence.getKey(),
                        part -> part.putRawValue("defence", new RawValue(defence.getValue())))));
        return new Study("Defences of " + spec.name(), Path.of("."), cells, null);
    }

    private static Cell with(AuditSpec spec, String name, Consumer<ObjectNode> change) {
        return changed(name, Json.mapper().valueToTree(spec), change);
    }

    /**
     * Of a head that is not trained to its end. Left to itself the attack sees no stationary point and searches nothing, which says nothing of the
     * defence; the optimiser is asked for by name, which takes every head. The published search always searches.
     */
    private static Cell unsettled(AuditSpec spec, String name, Consumer<ObjectNode> change) {
        ObjectNode all = Json.mapper().valueToTree(spec);
        if (!"paper".equals(spec.reconstruct().preset())) {
            ((ObjectNode) all.path("reconstruct")).put("method", "optimise");
        }
        return changed(name, all, change);
    }

    private static Cell changed(String name, ObjectNode all, Consumer<ObjectNode> change) {
        change.accept((ObjectNode) all.path("target").path("train"));
        ((ObjectNode) all.path("invert")).put("top", 0);
        return Cell.of(name, Map.of(), all);
    }

    /** As the audit's report shows it. */
    public DefenceAdvice measured(List<Outcome> outcomes, Instant now) {
        return new DefenceAdvice(
                DefenceAdvice.SCHEMA_VERSION,
                now,
                sentence,
                recommended == null ? null : recommended.group(),
                outcomes.stream()
                        .map(outcome -> new DefenceAdvice.Setting(
                                outcome.cell().group(),
                                outcome.audit(),
                                outcome.state(),
                                outcome.grade(),
                                outcome.searched(),
                                outcome.recovered(),
                                outcome.recoverable(),
                                outcome.tpr(),
                                outcome.accuracy(),
                                outcome.epsilon()))
                        .toList());
    }

    /** From the settings of {@link #study}, the first of them the audit as it is. */
    public static Advice of(List<Summary> summaries) {
        Summary now = summaries.get(0);
        if (good(now) && now.searched()) {
            return new Advice(
                    "The audit has grade " + now.worst() + " as it is: no defence is needed to reach B.", now);
        }
        long missing = summaries.stream().filter(summary -> summary.done() == 0).count();
        long unsearched =
                summaries.stream().filter(summary -> !summary.searched()).count();
        String rest = (missing == 0 ? "" : " " + missing + " of " + summaries.size() + " settings have no result.")
                + (unsearched == 0
                        ? ""
                        : " In " + unsearched
                                + " the attack found nothing to search for: no evidence of a defence, so they are not advised.");
        Summary best = summaries.stream()
                .filter(summary -> good(summary) && summary.searched() && summary.accuracy() != null)
                .max(Comparator.comparingDouble(Advice::accuracy)
                        .thenComparing(summary -> String.valueOf(summary.worst()), Comparator.reverseOrder())
                        .thenComparing(Advice::leak, Comparator.reverseOrder()))
                .orElse(null);
        if (best == null) {
            return new Advice("None of the defences that were tried reached grade B." + rest, null);
        }
        return new Advice(
                String.format(
                        Locale.ROOT,
                        "Take '%s': grade %s instead of %s, %.0f %% of members above cosine 0.9 instead of %.0f %%,"
                                + " %.0f %% found at 1 %% false positives instead of %.0f %%, at a held-out accuracy of"
                                + " %.3f instead of %.3f.%s One seed each, and this attack alone.%s",
                        best.group(),
                        best.worst(),
                        now.worst(),
                        100 * leak(best),
                        100 * leak(now),
                        100 * found(best),
                        100 * found(now),
                        accuracy(best),
                        accuracy(now),
                        caution(best),
                        rest),
                best);
    }

    /** What the numbers of a setting do not say by themselves. */
    private static String caution(Summary best) {
        Interval control = best.bestControl();
        if (control != null && control.most() < 0) {
            return " A linear head holds no single samples by construction, so that nothing was searched for; whether somebody was a member may"
                    + " still be told from its loss.";
        }
        Double epsilon = best.epsilon();
        return epsilon == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        " Its epsilon is %.3g%s.",
                        epsilon,
                        epsilon > LARGE_EPSILON
                                ? ", too large to prove anything: what protects here is the noise against this attack"
                                : "");
    }

    private static boolean good(Summary summary) {
        return "A".equals(summary.worst()) || "B".equals(summary.worst());
    }

    private static double accuracy(Summary summary) {
        Interval accuracy = summary.accuracy();
        return accuracy == null ? Double.NaN : accuracy.mean();
    }

    private static double found(Summary summary) {
        Interval tpr = summary.tpr();
        return tpr == null ? Double.NaN : tpr.mean();
    }

    private static double leak(Summary summary) {
        Interval leak = summary.recovered();
        return leak == null ? Double.NaN : leak.mean();
    }
}
