package dev.palimpsest.cli.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the repetitions of one setting say together.
 *
 * @param done cells with a result; {@code failed} without; the others are not done
 * @param unsearched cells with a result in which the attack found nothing to search for: their leak of 0 is the absence of a result
 * @param worst grade of them
 * @param epsilon largest of them
 */
public record Summary(
        String group,
        int done,
        int failed,
        int cells,
        int unsearched,
        @Nullable String worst,
        @Nullable Interval recovered,
        @Nullable Interval recoverable,
        @Nullable Interval tpr,
        @Nullable Interval bestControl,
        @Nullable Interval accuracy,
        @Nullable Double epsilon,
        @Nullable Interval residual,
        List<String> audits,
        @Nullable Interval withMembers,
        @Nullable Interval withControls,
        @Nullable Interval precision) {
    /** Whether the attack had something to search for in every cell that is done. */
    boolean searched() {
        return unsearched == 0;
    }

    /** One for each setting, in the order of the cells. */
    public static List<Summary> of(List<Outcome> outcomes) {
        Map<String, List<Outcome>> groups = outcomes.stream()
                .collect(Collectors.groupingBy(
                        outcome -> outcome.cell().group(), LinkedHashMap::new, Collectors.toList()));
        return groups.entrySet().stream()
                .map(group -> of(group.getKey(), group.getValue()))
                .toList();
    }

    private static Summary of(String group, List<Outcome> all) {
        List<Outcome> done =
                all.stream().filter(outcome -> outcome.state().equals("done")).toList();
        double[] control = values(done, Outcome::bestControl);
        double[] residual = values(done, Outcome::residual);
        return new Summary(
                group,
                done.size(),
                (int) all.stream().filter(Outcome::failed).count(),
                all.size(),
                (int) done.stream().filter(outcome -> !outcome.searched()).count(),
                done.stream()
                        .map(Outcome::grade)
                        .filter(Objects::nonNull)
                        .max(String::compareTo)
                        .orElse(null),
                shares(done, Outcome::recovered),
                shares(done, Outcome::recoverable),
                shares(done, Outcome::tpr),
                control.length == 0 ? null : Interval.of(control),
                shares(done, Outcome::accuracy),
                done.stream()
                        .map(Outcome::epsilon)
                        .filter(Objects::nonNull)
                        .max(Double::compare)
                        .orElse(null),
                residual.length == 0 ? null : Interval.of(residual),
                all.stream().map(Outcome::audit).filter(id -> !id.isEmpty()).toList(),
                shares(done, Outcome::withMembers),
                shares(done, Outcome::withControls),
                shares(done, Outcome::precision));
    }

    private static @Nullable Interval shares(List<Outcome> done, Function<Outcome, @Nullable Double> value) {
        double[] values = values(done, value);
        return values.length == 0 ? null : Interval.ofShares(values);
    }

    private static double[] values(List<Outcome> done, Function<Outcome, @Nullable Double> value) {
        return done.stream()
                .map(value)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }
}
