package dev.palimpsest.select.score;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came back, in numbers; written to result.json as it stands. All maps are by {@link Thresholds}; what depends on controls
 * or bounds is null, and absent in JSON, without them.
 *
 * @param representatives how many representatives were compared
 * @param members how many members
 * @param controls how many controls were used: at most as many as members, or the null would have more tries than the attack
 * @param matched members matched one to one above each cosine
 * @param matchedInterval 95 % bootstrap interval of {@code matched}, over members
 * @param medianMatched median of the matched cosines
 * @param precision share of the first 10, 20 and 40 representatives, in ranked order, that are above cosine 0.9 to some member; without
 *     those that are not there
 * @param recoverable members whose bound is above each cosine
 * @param nullMatched controls matched one to one above each cosine
 * @param nullMax the largest cosine between any control and any representative, -1 without representatives
 * @param tprAtFpr1 share of members told from controls by their matched cosine when 1 % of controls may be taken for members
 * @param tprAtFpr5 likewise for 5 %
 * @param auc probability that a member's matched cosine is above a control's
 * @param tprAtFpr1Interval 95 % bootstrap interval, over members and controls
 * @param aucInterval likewise
 * @param memberCosines matched cosine of every member, -1 for none
 * @param controlCosines matched cosine of every control used, -1 for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Score(
        int representatives,
        int members,
        int controls,
        Map<String, Integer> matched,
        Map<String, Interval> matchedInterval,
        double medianMatched,
        Map<String, Double> precision,
        @Nullable Map<String, Integer> recoverable,
        @Nullable Map<String, Integer> nullMatched,
        @Nullable Double nullMax,
        @Nullable Double tprAtFpr1,
        @Nullable Double tprAtFpr5,
        @Nullable Double auc,
        @Nullable Interval tprAtFpr1Interval,
        @Nullable Interval aucInterval,
        List<Double> memberCosines,
        @Nullable List<Double> controlCosines) {}
