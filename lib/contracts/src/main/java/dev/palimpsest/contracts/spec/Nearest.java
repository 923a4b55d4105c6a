package dev.palimpsest.contracts.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Words the hint for a name that is not known. */
final class Nearest {
    private static final LevenshteinDistance EDITS = LevenshteinDistance.getDefaultInstance();
    private static final JaroWinklerSimilarity ALIKE = new JaroWinklerSimilarity();

    private Nearest() {}

    /** "did you mean 'x'?" when something is close (an edit for every two letters), else the list of what is known. */
    static String hint(String found, Collection<String> known) {
        String plain = plain(found);
        return known.stream()
                .filter(name ->
                        EDITS.apply(plain, plain(name)) <= Math.max(1, Math.max(plain.length(), name.length()) / 2))
                .min(Comparator.comparingInt((String name) -> EDITS.apply(plain, plain(name)))
                        .thenComparing(name -> -ALIKE.apply(plain, plain(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .map(name -> "did you mean '" + name + "'?")
                .orElseGet(() -> "known here: " + known.stream().sorted().collect(Collectors.joining(", ")));
    }

    /** weight_decay, weight-decay and WeightDecay are all meant as weightDecay. */
    private static String plain(String name) {
        return name.replaceAll("[_\\- ]", "").toLowerCase(Locale.ROOT);
    }
}
