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
 * @param worst grade of them
 * @param epsilon largest of them
 */
public record Summary(
        String group,
        int done,
        int failed,
        int cells,
        @Nullable String worst,
        @Nullable Range recovered,
        @Nullable Range recoverable,
        @Nullable Range tpr,
        @Nullable Range bestControl,
        @Nullable Range accuracy,
        @Nullable Double epsilon,
        List<String> audits) {
    /** Mean over seeds, and the lowest and highest of them. */
    public record Range(double mean, double low, double high) {}

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
        return new Summary(
                group,
                done.size(),
                (int) all.stream().filter(Outcome::failed).count(),
                all.size(),
                done.stream()
                        .map(Outcome::grade)
                        .filter(Objects::nonNull)
                        .max(String::compareTo)
                        .orElse(null),
                range(done, Outcome::recovered),
                range(done, Outcome::recoverable),
                range(done, Outcome::tpr),
                range(done, Outcome::bestControl),
                range(done, Outcome::accuracy),
                done.stream()
                        .map(Outcome::epsilon)
                        .filter(Objects::nonNull)
                        .max(Double::compare)
                        .orElse(null),
                all.stream().map(Outcome::audit).filter(id -> !id.isEmpty()).toList());
    }

    private static @Nullable Range range(List<Outcome> done, Function<Outcome, @Nullable Double> value) {
        double[] values = done.stream()
                .map(value)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (values.length == 0) {
            return null;
        }
        double sum = 0;
        for (double one : values) {
            sum += one;
        }
        return new Range(sum / values.length, values[0], values[values.length - 1]);
    }
}
