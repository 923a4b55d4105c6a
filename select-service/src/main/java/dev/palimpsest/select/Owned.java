package dev.palimpsest.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.select.cluster.Candidates;
import dev.palimpsest.select.cluster.Ranking;
import dev.palimpsest.select.cluster.Representative;
import dev.palimpsest.select.score.BestOfAll;
import dev.palimpsest.select.score.Calibration;
import dev.palimpsest.select.score.HeadSpace;
import dev.palimpsest.select.score.Interval;
import dev.palimpsest.select.score.Margins;
import dev.palimpsest.select.score.Matching;
import dev.palimpsest.select.score.Membership;
import dev.palimpsest.select.score.MembershipVerdict;
import dev.palimpsest.select.score.RecoverableBound;
import dev.palimpsest.select.score.Score;
import dev.palimpsest.select.score.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the owner supplied, in the space that the head saw: members {@code [n, d]}, controls {@code [m, d]} and the images that they are
 * embeddings of. Used after everything has been chosen, to say what the choice is worth.
 */
record Owned(
        float[] members,
        float[] controls,
        List<AuditRequest.Image> memberImages,
        List<AuditRequest.Image> controlImages) {

    /** How representatives compare. */
    record Comparison(
            Selection.@Nullable Verdict verdict, List<Selection.Representative> ranking, List<String> notes) {}

    static Optional<Owned> load(ArtifactStore store, AuditId audit, @Nullable Normaliser normaliser, int width) {
        Optional<ArtifactRef> ref = store.stat(Keys.knowledge(audit, "embeddings.safetensors"));
        if (ref.isEmpty()) {
            return Optional.empty();
        }
        Safetensors file = new TensorArtifacts(store).get(ref.get());
        try {
            return Optional.of(new Owned(
                    HeadSpace.read(file, "members", normaliser, width),
                    file.contains("controls") ? HeadSpace.read(file, "controls", normaliser, width) : new float[0],
                    images(file, "member_images"),
                    images(file, "control_images")));
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, ref.get().key() + " is damaged: " + e.getMessage(), e);
        }
    }

    private static List<AuditRequest.Image> images(Safetensors file, String name) throws JsonProcessingException {
        String json = file.document(name);
        return json == null ? List.of() : List.of(Json.mapper().readValue(json, AuditRequest.Image[].class));
    }

    /** The member that an embedding points at most nearly. */
    int nearestMember(float[] x) {
        return Matching.match(members, members.length / x.length, x, 1, x.length, "members")
                .nearest()[0];
    }

    /** Their embeddings in the space that the head saw: {@code [k, d]}, in the order of the rows. */
    Tensor members(Collection<Integer> rows, int d) {
        float[] values = new float[rows.size() * d];
        int to = 0;
        for (int row : rows) {
            System.arraycopy(members, row * d, values, to, d);
            to += d;
        }
        return Tensor.ofFloats(values, rows.size(), d);
    }

    /** @param candidates all that representatives were chosen from */
    Comparison compare(List<Representative> representatives, Candidates candidates, Head head) {
        int d = head.inputs();
        int n = members.length / d;
        int c = controls.length / d;
        int k = representatives.size();
        float[] matrix = Ranking.matrix(representatives, d);
        double[] bounds = RecoverableBound.of(head.w(), d, members);
        Score score = Calibration.score(matrix, k, members, n, c == 0 ? null : controls, c, d, bounds);
        Verdict verdict = Verdict.of(score);
        List<Selection.Representative> ranking = new ArrayList<>();
        Matching member = Matching.match(members, n, matrix, k, d, "members");
        Matching control = c == 0 ? null : Matching.match(controls, c, matrix, k, d, "controls");
        for (int i = 0; i < k; i++) {
            Representative representative = representatives.get(i);
            ranking.add(new Selection.Representative(
                    representative.candidates(),
                    representative.score(),
                    representative.label(),
                    neighbour(member, i, memberImages),
                    control == null ? null : neighbour(control, i, controlImages)));
        }
        // The membership test weighs neurons; a linear head has none.
        boolean pooled = !head.linear() && c > 0 && n + Math.min(n, c) <= Membership.LARGEST_POOL;
        MembershipVerdict membership = pooled ? MembershipVerdict.of(head, members, controls) : null;
        BestOfAll known = c == 0 ? null : BestOfAll.of(candidates, members, n, controls, c);
        List<String> notes = new ArrayList<>(List.of(verdict.sentence()));
        if (known != null && known.candidates() > 0) {
            notes.add(known.sentence(n, score.matched().getOrDefault("0.9", 0)));
        }
        if (membership != null) {
            notes.add(membership.sentence());
        }
        return new Comparison(
                verdict(score, verdict, bounds, membership, Margins.of(head, members), known), ranking, notes);
    }

    private static Selection.@Nullable Verdict verdict(
            Score score,
            Verdict verdict,
            double[] bounds,
            @Nullable MembershipVerdict membership,
            double[] margins,
            @Nullable BestOfAll known) {
        if (verdict.grade() == null || score.nullMatched() == null || score.controlCosines() == null) {
            return null;
        }
        return new Selection.Verdict(
                verdict.grade().name(),
                verdict.rule(),
                score.members(),
                score.controls(),
                score.matched(),
                score.recoverable() == null ? Map.of() : score.recoverable(),
                score.nullMatched(),
                orNaught(score.nullMax()),
                orNaught(score.tprAtFpr1()),
                orNaught(score.tprAtFpr5()),
                orNaught(score.auc()),
                score.memberCosines(),
                score.controlCosines(),
                list(bounds),
                score.matchedInterval().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> range(entry.getValue()))),
                score.tprAtFpr1Interval() == null ? null : range(score.tprAtFpr1Interval()),
                score.aucInterval() == null ? null : range(score.aucInterval()),
                membership == null
                        ? null
                        : new Selection.Membership(
                                membership.auc(),
                                membership.tprAtFpr1(),
                                membership.tprAtFpr5(),
                                membership.residual(),
                                list(membership.memberScores()),
                                list(membership.controlScores())),
                list(margins),
                score.precision(),
                known == null
                        ? null
                        : new Selection.WithMembers(
                                known.candidates(), known.matched(), known.matchedControls(), known.nullMax()));
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static Selection.Range range(Interval interval) {
        return new Selection.Range(interval.low(), interval.high());
    }

    private static double orNaught(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    private static Neighbour neighbour(Matching matching, int row, List<AuditRequest.Image> images) {
        int nearest = matching.nearest()[row];
        AuditRequest.@Nullable Image image = nearest < images.size() ? images.get(nearest) : null;
        return new Neighbour(
                image == null ? "#" + nearest : image.file(),
                matching.nearestCosine()[row],
                image == null ? null : image.ref());
    }
}
