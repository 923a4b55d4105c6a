package dev.palimpsest.gateway.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.WithMembers;
import dev.palimpsest.contracts.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One audit as people see it.
 *
 * @param version grows with every change of this view within one gateway process; the id of its server-sent event
 * @param name from the spec; empty until the request was read
 * @param requested when the gateway accepted it; null until the request was read
 * @param stages all four, in order
 * @param verdict null without members, or before the last selection
 * @param pictures finished ones, best representative first
 * @param expectedPictures how many there will be; 0 before a selection
 * @param failures one sentence each; the first of an audit that its budget ended says so
 * @param waits what stages wait for, and what to do about it; they go on by themselves
 * @param backbone as the spec names it; empty until the request was read
 * @param erasure what is left of an audit that was erased: then everything else but its id and times is empty; null otherwise
 */
public record AuditView(
        String id,
        String name,
        State state,
        long version,
        @Nullable Instant requested,
        @Nullable Instant updated,
        List<StageView> stages,
        @Nullable VerdictView verdict,
        List<PictureView> pictures,
        int expectedPictures,
        List<String> failures,
        List<String> waits,
        String backbone,
        @Nullable ErasureView erasure) {
    public AuditView {
        stages = List.copyOf(stages);
        pictures = List.copyOf(pictures);
        failures = List.copyOf(failures);
        waits = List.copyOf(waits);
    }

    /** When an audit was erased, and who asked for it. */
    public record ErasureView(Instant when, String by) {}

    /**
     * One stage.
     *
     * @param state {@code waiting}, {@code running}, {@code done} or {@code failed}
     */
    public record StageView(Stage stage, String state, List<PieceView> pieces) {
        public StageView {
            pieces = List.copyOf(pieces);
        }
    }

    /** The newest word on one piece of work: {@code done} of {@code total} {@code noun}s. */
    public record PieceView(
            String piece,
            long done,
            long total,
            String noun,
            String state,
            String text,
            Map<String, Double> figures,
            @Nullable ArtifactRef preview) {}

    /**
     * The numbers of {@link dev.palimpsest.contracts.Selection.Verdict} without the long lists.
     *
     * @param precision null in selections of earlier releases; likewise {@code withMembers}
     */
    public record VerdictView(
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

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Map<String, Double> precision,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            WithMembers withMembers) {
        static VerdictView of(Selection.Verdict verdict) {
            return new VerdictView(
                    verdict.grade(),
                    verdict.rule(),
                    verdict.members(),
                    verdict.controls(),
                    verdict.matched(),
                    verdict.recoverable(),
                    verdict.matchedControls(),
                    verdict.nullMaximum(),
                    verdict.tprAtFpr1(),
                    verdict.tprAtFpr5(),
                    verdict.auc(),
                    verdict.precision(),
                    verdict.withMembers());
        }

        /** Whether nothing at all came back, so that there was nothing to compare members and controls with. */
        public boolean nothingCameBack() {
            return nullMaximum < 0;
        }

        /** Whether rates and areas against controls say anything. */
        public boolean comparesControls() {
            return controls > 0 && !nothingCameBack();
        }
    }

    /**
     * A finished picture.
     *
     * @param rank of its representative in the selection that it was made from, from 1; 0 when unknown
     * @param cosine of the picture and the inverted embedding
     * @param nearest file of the member that the representative comes closest to; null without members
     * @param nearestCosine of the representative and that member
     * @param href where to get the PNG, below the gateway
     */
    public record PictureView(
            String item,
            int rank,
            double cosine,
            int steps,
            @Nullable String nearest,
            @Nullable Double nearestCosine,
            String href) {
        static PictureView of(AuditId audit, Gallery.Entry entry) {
            Selection.Neighbour nearest = entry.representative() == null
                    ? null
                    : entry.representative().nearest();
            return new PictureView(
                    entry.item(),
                    entry.rank(),
                    entry.picture().cosine(),
                    entry.picture().steps(),
                    nearest == null ? null : nearest.file(),
                    nearest == null ? null : nearest.cosine(),
                    "/api/v1/audits/" + audit + "/pictures/" + entry.item());
        }
    }
}
