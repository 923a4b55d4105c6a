package dev.palimpsest.gateway.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.CurveView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a report says; this is {@code report.json}.
 *
 * @param headline the result in one sentence
 * @param verdict null when no members were given, or the audit has not come so far
 * @param counts one row a cosine, from the lowest
 * @param members those that candidates come closest to, the closest first, at most 100; empty without members
 * @param notes what the stages want said
 * @param knowledge what the attacker knew
 * @param limits what the result does not mean
 * @param checks what was looked at and found in order
 * @param provenance name and value, in the order of the page
 * @param spec the accepted spec as YAML
 * @param advice what defences did to this head; null when that was not measured
 * @param defences what to do about a leak: the measured advice, or how to get one
 */
public record Report(
        int schemaVersion,
        String audit,
        String name,
        String state,
        Instant generated,
        String headline,
        @Nullable VerdictView verdict,
        List<Count> counts,
        List<Entry> gallery,
        List<String> galleryNotes,
        List<Member> members,
        Plots plots,
        List<String> notes,
        List<String> failures,
        List<String> knowledge,
        List<String> limits,
        List<String> checks,
        List<Fact> provenance,
        String spec,
        @Nullable DefenceAdvice advice,
        String defences) {
    /**
     * How many members came back above a cosine.
     *
     * @param recoverable how many could have, by the bound of the attack's geometry
     * @param controls how many of as many controls the same matching finds: chance
     * @param low of the share recovered, 0 to 1: Wilson's 95 % interval; likewise {@code high}
     */
    public record Count(
            String cosine, int recovered, int recoverable, int members, int controls, double low, double high) {}

    /**
     * One picture of the gallery.
     *
     * @param rank among the representatives, from 1; 0 when unknown
     * @param early true when the rank is that of the first selection, from part of the candidates; absent otherwise
     * @param file of the nearest member; null without members
     * @param cosine of the representative and that member
     * @param pictureCosine of the finished picture and the representative
     * @param aboveNull whether {@code cosine} is above that of every control; false without controls
     * @param upperBound the picture made from the member's true embedding; null when there is none
     * @param measures how like the picture is to the member; null without members, and for pictures of earlier releases
     */
    public record Entry(
            String item,
            int rank,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Boolean early,

            @Nullable String file,
            @Nullable Double cosine,
            double pictureCosine,
            int steps,
            String label,
            int support,
            boolean aboveNull,
            ArtifactRef picture,
            @Nullable ArtifactRef member,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            ArtifactRef upperBound,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Measures measures) {}

    /**
     * A member and the candidate that comes closest to it.
     *
     * @param rank of the candidate's representative, from 1
     * @param label the class that the head gives the candidate
     * @param support candidates behind the representative
     * @param aboveNull whether {@code cosine} is above that of every control; false without controls
     */
    public record Member(String file, double cosine, int rank, String label, int support, boolean aboveNull) {}

    /** A named value. */
    public record Fact(String name, String value) {}

    /**
     * Numbers behind the plots.
     *
     * @param bins lower edges of the cosine histogram
     * @param members counts a bin; likewise controls
     * @param thresholds cosines of the recovery curve
     * @param recovered share of members, 0 to 1, matched at or above each threshold; likewise recoverable and chance
     * @param clusters distinct candidates behind each representative, by rank
     * @param bounds of each member: the best cosine that is within reach of any attack by the head's row space; empty without members
     * @param reached of each member, in the same order: its matched cosine, -1 for none
     * @param margins of each member, in the same order: by how much the head prefers its class, 0 or more; empty when that was not measured
     * @param losses how the loss of each piece of the attack went
     */
    public record Plots(
            List<Double> bins,
            List<Integer> members,
            List<Integer> controls,
            List<Double> thresholds,
            List<Double> recovered,
            List<Double> recoverable,
            List<Double> chance,
            List<Integer> clusters,
            List<Double> bounds,
            List<Double> reached,
            List<Double> margins,
            List<CurveView> losses) {}

    /** The count for the given cosine; null when the verdict has none. */
    public @Nullable Count count(String cosine) {
        return counts.stream()
                .filter(count -> count.cosine().equals(cosine))
                .findFirst()
                .orElse(null);
    }
}
