package dev.palimpsest.gateway.report;

import dev.palimpsest.contracts.Selection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The members that candidates come closest to, whether or not a picture was made of them. */
final class Members {
    private static final int MOST = 100;

    private Members() {}

    /**
     * Each member once, with its closest candidate; the closest first.
     *
     * @param above what is not above this is chance
     * @param label the name of a class
     */
    static List<Report.Member> of(@Nullable Selection selection, @Nullable Double above, IntFunction<String> label) {
        Map<String, Report.Member> closest = new LinkedHashMap<>();
        List<Selection.Representative> ranking = selection == null ? List.of() : selection.ranking();
        for (int i = 0; i < ranking.size(); i++) {
            Selection.Representative representative = ranking.get(i);
            Selection.Neighbour nearest = representative.nearest();
            if (nearest != null) {
                Report.Member member = new Report.Member(
                        nearest.file(),
                        nearest.cosine(),
                        i + 1,
                        label.apply(representative.label()),
                        representative.support(),
                        above != null && nearest.cosine() > above);
                closest.merge(member.file(), member, (one, other) -> one.cosine() >= other.cosine() ? one : other);
            }
        }
        return closest.values().stream()
                .sorted(Comparator.comparingDouble(Report.Member::cosine).reversed())
                .limit(MOST)
                .toList();
    }
}
