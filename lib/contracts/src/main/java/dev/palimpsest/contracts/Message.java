package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that travels on a topic, as the data of a {@link CloudEvent}. Small: numbers, ids and artifact references. */
public sealed interface Message {
    /** The audit that the message belongs to; also the record's key. */
    AuditId audit();

    /** Names the message within its audit and type. The same work always bears the same name, however often it is announced. */
    @JsonIgnore
    String unit();

    /** The topic that the message travels on. */
    @JsonIgnore
    String topic();

    /**
     * What the record is partitioned by. Units of one audit may run side by side, and each piece of a chain goes to any worker, so that a long
     * chain is not bound to a busy one; everything else keeps the audit's order.
     */
    @JsonIgnore
    default String partitionKey() {
        return audit().value();
    }

    /** Gateway to embed: an audit was accepted; {@code request} is an {@link AuditRequest}. */
    record AuditRequested(AuditId audit, ArtifactRef request) implements Message {
        @Override
        public String unit() {
            return "request";
        }

        @Override
        public String topic() {
            return Topics.AUDIT_REQUESTED;
        }
    }

    /**
     * Embed to embed: the next bounded piece of embedding or training.
     *
     * @param phase {@code embed} or {@code train}
     * @param step images embedded or epochs trained so far
     * @param checkpoint state after {@code step}; null at the start
     */
    record EmbedUnit(
            AuditId audit,
            ArtifactRef request,
            String phase,
            int step,
            @Nullable ArtifactRef checkpoint) implements Message {
        @Override
        public String unit() {
            return phase + "-" + step;
        }

        @Override
        public String topic() {
            return Topics.EMBED_UNITS;
        }
    }

    /** Embed to reconstruct: the target is in the store; {@code target} is a {@link Target}. */
    record TargetReady(AuditId audit, ArtifactRef target) implements Message {
        @Override
        public String unit() {
            return "target";
        }

        @Override
        public String topic() {
            return Topics.TARGET_READY;
        }
    }

    /**
     * Reconstruct to reconstruct: one piece of the attack.
     *
     * @param phase the algorithm's name for the kind of work
     * @param index which one, of {@code of} that run side by side
     * @param step how far this piece's chain has come
     * @param inputs what it continues from
     */
    record ReconstructUnit(
            AuditId audit, ArtifactRef target, String phase, int index, int of, int step, List<ArtifactRef> inputs)
            implements Message {
        @Override
        public String unit() {
            return phase + "-" + index + "-" + step;
        }

        @Override
        public String topic() {
            return Topics.RECONSTRUCT_UNITS;
        }

        @Override
        public String partitionKey() {
            return audit() + "/" + unit();
        }
    }

    /**
     * Reconstruct to select: candidates are in the store.
     *
     * @param candidates all that is to be selected from, in a fixed order
     * @param last whether the attack is finished; earlier announcements let inversion start
     */
    record CandidatesReady(AuditId audit, ArtifactRef target, List<ArtifactRef> candidates, boolean last)
            implements Message {
        @Override
        public String unit() {
            return last ? "last" : "first";
        }

        @Override
        public String topic() {
            return Topics.CANDIDATES_READY;
        }
    }

    /**
     * Select to gateway: representatives are chosen.
     *
     * @param selection a {@link Selection}
     * @param last whether no better selection will follow
     */
    record SelectionReady(AuditId audit, ArtifactRef selection, boolean last) implements Message {
        @Override
        public String unit() {
            return last ? "last" : "first";
        }

        @Override
        public String topic() {
            return Topics.SELECTION_READY;
        }
    }

    /**
     * Select to invert, invert to invert: the next bounded piece of one inversion.
     *
     * @param item the inversion's name within the audit
     * @param embeddings safetensors with {@code embeddings} [k, d] float32 in the space that the head saw
     * @param index row of {@code embeddings}
     * @param step steps done so far
     * @param checkpoint state after {@code step}; null at the start
     * @param beside further rows whose pictures are made in the same passes; null: none
     */
    record InvertUnit(
            AuditId audit,
            ArtifactRef target,
            String item,
            ArtifactRef embeddings,
            int index,
            int step,
            @Nullable ArtifactRef checkpoint,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            List<Row> beside)
            implements Message {
        /** A row of {@code embeddings}, and what its picture is called. */
        public record Row(String item, int index) {}

        public InvertUnit {
            beside = beside == null ? null : List.copyOf(beside);
        }

        /** A picture by itself. */
        public InvertUnit(
                AuditId audit,
                ArtifactRef target,
                String item,
                ArtifactRef embeddings,
                int index,
                int step,
                @Nullable ArtifactRef checkpoint) {
            this(audit, target, item, embeddings, index, step, checkpoint, null);
        }

        /** All that become pictures; the unit is called after the first. */
        public List<Row> rows() {
            Stream<Row> others = beside == null ? Stream.of() : beside.stream();
            return Stream.concat(Stream.of(new Row(item, index)), others).toList();
        }

        /** The same rows, later. */
        public InvertUnit at(int step, ArtifactRef checkpoint) {
            return new InvertUnit(audit, target, item, embeddings, index, step, checkpoint, beside);
        }

        @Override
        public String unit() {
            return item + "-" + step;
        }

        @Override
        public String topic() {
            return Topics.INVERT_UNITS;
        }

        @Override
        public String partitionKey() {
            return audit() + "/" + unit();
        }
    }

    /**
     * Invert to gateway: a picture is finished.
     *
     * @param picture a PNG
     * @param cosine of the picture's embedding and the embedding that was inverted, in the space that the head saw
     * @param embedding safetensors with {@code embedding} [1, d] float32: the finished picture embedded anew, raw; null from earlier releases
     */
    record InversionReady(
            AuditId audit,
            String item,
            ArtifactRef embeddings,
            int index,
            ArtifactRef picture,
            double cosine,
            int steps,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            ArtifactRef embedding)
            implements Message {
        /** As earlier releases announced it. */
        public InversionReady(
                AuditId audit,
                String item,
                ArtifactRef embeddings,
                int index,
                ArtifactRef picture,
                double cosine,
                int steps) {
            this(audit, item, embeddings, index, picture, cosine, steps, null);
        }

        @Override
        public String unit() {
            return item;
        }

        @Override
        public String topic() {
            return Topics.INVERSION_READY;
        }
    }

    /**
     * Every stage to gateway: how far a piece of work has come.
     *
     * @param piece what is being worked on, within the stage
     * @param done of {@code total}, in {@code noun}s
     * @param state {@code running}, {@code done} or {@code failed}; {@code waiting} when the stage cannot go on before a person has done
     *     what the text says, until it is {@code resumed} or tells anything else; {@code resumed} also takes back that the piece failed
     * @param text one sentence for a person; the reason when failed
     * @param figures named numbers such as loss, accuracy, cosine
     * @param preview a picture to show meanwhile
     */
    record AuditProgress(
            AuditId audit,
            Stage stage,
            String piece,
            long done,
            long total,
            String noun,
            String state,
            String text,
            Map<String, Double> figures,
            @Nullable ArtifactRef preview)
            implements Message {
        public AuditProgress {
            figures = Map.copyOf(figures);
        }

        @Override
        public String unit() {
            return stage.id() + "-" + piece + "-" + done + "-" + state;
        }

        @Override
        public String topic() {
            return Topics.AUDIT_PROGRESS;
        }
    }

    /**
     * Gateway to every stage: what the owner wants to happen with the audit.
     *
     * @param erasure an {@link Erasure} when the audit was erased, otherwise null
     * @param reason why, in one sentence, when it is not its owner who asks; otherwise null
     */
    record AuditControl(
            AuditId audit,
            Action action,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            ArtifactRef erasure,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String reason)
            implements Message {
        /** What can be asked of an audit. */
        public enum Action {
            CANCEL,
            PAUSE,
            RESUME,
            /** The last word on an audit: nothing of it is left to work on. */
            ERASE
        }

        public AuditControl(AuditId audit, Action action) {
            this(audit, action, null, null);
        }

        /** That the audit was erased. */
        public static AuditControl erased(AuditId audit, ArtifactRef erasure) {
            return new AuditControl(audit, Action.ERASE, erasure, null);
        }

        /** That the audit is cancelled, and not by its owner. */
        public static AuditControl stopped(AuditId audit, String reason) {
            return new AuditControl(audit, Action.CANCEL, null, reason);
        }

        @Override
        public String unit() {
            return "control";
        }

        @Override
        public String topic() {
            return Topics.AUDIT_CONTROL;
        }
    }
}
