package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The chosen representatives of an audit, best first, and - when the owner supplied members - how they compare. Stored as
 * JSON beside the embeddings.
 *
 * @param representatives safetensors: {@code embeddings} [k, d] float32 in the space that the head saw, ranked
 * @param inversions which rows are made into pictures, with their items' names
 * @param notes sentences that the report must say
 * @param upperBounds what pictures are compared with; null without members, and from earlier releases
 */
public record Selection(
        int schemaVersion,
        AuditId audit,
        boolean last,
        ArtifactRef representatives,
        List<Representative> ranking,
        List<Inversion> inversions,
        @Nullable Verdict verdict,
        List<String> notes,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<UpperBound> upperBounds) {
    public Selection {
        ranking = List.copyOf(ranking);
        inversions = List.copyOf(inversions);
        notes = List.copyOf(notes);
        upperBounds = upperBounds == null ? null : List.copyOf(upperBounds);
    }

    /** Without upper bounds. */
    public Selection(
            int schemaVersion,
            AuditId audit,
            boolean last,
            ArtifactRef representatives,
            List<Representative> ranking,
            List<Inversion> inversions,
            @Nullable Verdict verdict,
            List<String> notes) {
        this(schemaVersion, audit, last, representatives, ranking, inversions, verdict, notes, null);
    }

    /** The names of all pictures that the selection asks for. */
    @JsonIgnore
    public List<String> items() {
        return Stream.concat(
                        inversions.stream().map(Inversion::item),
                        upperBounds == null ? Stream.of() : upperBounds.stream().map(UpperBound::item))
                .toList();
    }

    /** Whether a picture is an upper bound: not of anything that the attack found. */
    public boolean upperBound(String item) {
        return upperBounds != null
                && upperBounds.stream().anyMatch(bound -> bound.item().equals(item));
    }

    /** The name of the upper bound of a picture; null when there is none. */
    public @Nullable String upperBoundOf(String picture) {
        return upperBounds == null
                ? null
                : upperBounds.stream()
                        .filter(bound -> bound.of().equals(picture))
                        .map(UpperBound::item)
                        .findFirst()
                        .orElse(null);
    }

    /**
     * A representative without looking at members, and what the comparison with members says, if there are any.
     *
     * @param support distinct candidates behind it
     * @param label index of the class that the head gives it
     * @param nearest the member that it comes closest to, and the cosine; null without members
     * @param nearestControl likewise
     */
    public record Representative(
            int support,
            double score,
            int label,
            @Nullable Neighbour nearest,
            @Nullable Neighbour nearestControl) {}

    /** A member or control: its image's path below the dataset, and the cosine in the space that the head saw. */
    public record Neighbour(
            String file, double cosine, @Nullable ArtifactRef image) {}

    /** Row {@code index} of {@code embeddings} becomes a picture under the name {@code item}. */
    public record Inversion(String item, ArtifactRef embeddings, int index) {}

    /**
     * The true embedding of the member that a picture's representative comes closest to, row {@code index} of {@code embeddings}, becomes a
     * picture under the name {@code item}: no inversion of a rebuilt embedding can be expected to be better.
     *
     * @param of the picture that it stands beside
     */
    public record UpperBound(String item, String of, ArtifactRef embeddings, int index) {}

    /**
     * How many members came back.
     *
     * @param matched members matched one to one above a cosine, by the cosine as text: 0.75, 0.9, 0.95
     * @param recoverable members whose bound is above the cosine
     * @param matchedControls the same matching against controls
     * @param nullMaximum best cosine of any control
     * @param memberCosines matched cosine of every member, for the plots
     * @param matchedRange 95 % interval of {@code matched}, by the cosine
     * @param tprAtFpr1Range likewise
     * @param aucRange likewise
     * @param membership how well the head tells members from controls when it is shown both
     * @param margins of every member, in the order of {@code memberCosines}: by how much the head's largest logit is above the next; one output:
     *     above or below 0
     * @param precision share of the first 10, 20 and 40 representatives that are above cosine .9 to some member, by the number as text; without
     *     those that there are not so many of
     * @param withMembers what looking at members would have kept of the same candidates
     */
    public record Verdict(
            String grade,
            String rule,
            int members,
            int controls,
            Map<String, Integer> matched,
            Map<String, Integer> recoverable,
            Map<String, Integer> matchedControls,
            double nullMaximum,
            double tprAtFpr1,
            double tprAtFpr5,
            double auc,
            List<Double> memberCosines,
            List<Double> controlCosines,
            List<Double> bounds,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Range> matchedRange,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Range tprAtFpr1Range,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Range aucRange,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Membership membership,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            List<Double> margins,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Double> precision,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            WithMembers withMembers) {
        /** As earlier releases wrote it. */
        public Verdict(
                String grade,
                String rule,
                int members,
                int controls,
                Map<String, Integer> matched,
                Map<String, Integer> recoverable,
                Map<String, Integer> matchedControls,
                double nullMaximum,
                double tprAtFpr1,
                double tprAtFpr5,
                double auc,
                List<Double> memberCosines,
                List<Double> controlCosines,
                List<Double> bounds) {
            this(
                    grade,
                    rule,
                    members,
                    controls,
                    matched,
                    recoverable,
                    matchedControls,
                    nullMaximum,
                    tprAtFpr1,
                    tprAtFpr5,
                    auc,
                    memberCosines,
                    controlCosines,
                    bounds,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    /**
     * What whoever has the members could have kept of the same candidates: for each member the best of all. It is how arXiv 2407.15845 counts
     * first, and no attack. One candidate may serve several members, and with many to choose from chance does better too: hence the controls.
     *
     * @param candidates there were to choose from
     * @param matched members whose best candidate is above a cosine, by the cosine as text
     * @param matchedControls the same choice for as many controls
     * @param nullMaximum the best cosine of any of those controls and any candidate; -1 without candidates
     */
    public record WithMembers(
            int candidates, Map<String, Integer> matched, Map<String, Integer> matchedControls, double nullMaximum) {}

    /** Both ends inclusive. */
    public record Range(double low, double high) {}

    /**
     * Members and controls as a pool of suspects: how much of the weights each explains when all of them are fitted together.
     *
     * @param residual what the pool leaves unexplained, over the length of the weights
     * @param memberScores of every member
     * @param controlScores of every control that was used
     */
    public record Membership(
            double auc,
            double tprAtFpr1,
            double tprAtFpr5,
            double residual,
            List<Double> memberScores,
            List<Double> controlScores) {}
}
