package dev.palimpsest.select.score;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A score in words.
 *
 * @param grade null without controls: no count means anything without knowing what chance reaches
 * @param rule the numbers and the line of {@link Grade} that decided
 * @param sentence "recovered k of n, of r recoverable, against null maximum x", at cosine 0.75
 */
public record Verdict(@Nullable Grade grade, String rule, String sentence) {

    /** The verdict on a score; see {@link Grade} for the rule. */
    public static Verdict of(Score score) {
        Map<String, Integer> nullMatched = score.nullMatched();
        Double tpr = score.tprAtFpr1();
        if (nullMatched == null || tpr == null) {
            return new Verdict(null, "not graded: there are no controls to say what chance reaches", sentence(score));
        }
        double excess75 = excess("0.75", score, nullMatched);
        double excess90 = excess("0.9", score, nullMatched);
        Grade grade = Grade.of(excess75, excess90, tpr);
        String rule = String.format(
                Locale.ROOT,
                "%s: %s (above 0.75: %.1f %% of members beyond chance, above 0.9: %.1f %%, TPR at FPR 1 %%: %.1f %%)",
                grade,
                grade.meaning(),
                100 * excess75,
                100 * excess90,
                100 * tpr);
        return new Verdict(grade, rule, sentence(score));
    }

    private static double excess(String threshold, Score score, Map<String, Integer> nullMatched) {
        int matched = score.matched().getOrDefault(threshold, 0);
        int chance = nullMatched.getOrDefault(threshold, 0);
        // With integers throughout but for one division, so that a share of exactly 10 % is not lost to rounding.
        long net = (long) matched * score.controls() - (long) chance * score.members();
        return net / (double) ((long) score.members() * score.controls());
    }

    private static String sentence(Score score) {
        StringBuilder text = new StringBuilder("recovered %d of %d members above cosine 0.75"
                .formatted(score.matched().getOrDefault("0.75", 0), score.members()));
        Map<String, Integer> recoverable = score.recoverable();
        if (recoverable != null) {
            text.append(", of %d recoverable".formatted(recoverable.getOrDefault("0.75", 0)));
        }
        Double nullMax = score.nullMax();
        if (nullMax != null && nullMax < 0) {
            // Without a representative even the controls are matched by nothing.
            return text.append("; the attack brought nothing back, which is no proof that nothing can be")
                    .toString();
        }
        text.append(
                nullMax == null
                        ? "; no controls to compare with"
                        : String.format(Locale.ROOT, ", against a null maximum of %.2f", nullMax));
        return text.toString();
    }
}
