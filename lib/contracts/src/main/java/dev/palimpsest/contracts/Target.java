package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the attack gets to know and nothing more. Stored as {@code target.json}.
 *
 * @param head safetensors: k.weight and k.bias of each layer
 * @param normaliser safetensors: mean, std; null when it was not released
 * @param backbone files of the backbone's folder by name
 * @param inputSize pixels of the square that the backbone was fed
 * @param classes names in label order
 * @param members how many samples trained the head, if the attacker is told; else 0
 * @param weightDecay if the attacker is told; else 0
 * @param facts numbers about the training that people want to see: accuracy, residual
 * @param activation between the head's layers; null: what its file says, else relu
 * @param loss of the head's training as {@link AuditSpec.TargetSpec} names it; null: margin
 * @param defence of training and release, which the attacker is told of; null: none is known of
 */
public record Target(
        int schemaVersion,
        AuditId audit,
        ArtifactRef head,
        @Nullable ArtifactRef normaliser,
        Map<String, ArtifactRef> backbone,
        int inputSize,
        List<String> classes,
        int members,
        double weightDecay,
        AuditSpec.ReconstructSpec reconstruct,
        AuditSpec.SelectSpec select,
        AuditSpec.InvertSpec invert,
        Map<String, Double> facts,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String activation,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String loss,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable DefenceSpec defence) {
    public Target {
        backbone = Map.copyOf(backbone);
        classes = List.copyOf(classes);
        facts = Map.copyOf(facts);
    }

    /** With the activation that the head's file names, trained with the usual loss. */
    public Target(
            int schemaVersion,
            AuditId audit,
            ArtifactRef head,
            @Nullable ArtifactRef normaliser,
            Map<String, ArtifactRef> backbone,
            int inputSize,
            List<String> classes,
            int members,
            double weightDecay,
            AuditSpec.ReconstructSpec reconstruct,
            AuditSpec.SelectSpec select,
            AuditSpec.InvertSpec invert,
            Map<String, Double> facts) {
        this(
                schemaVersion,
                audit,
                head,
                normaliser,
                backbone,
                inputSize,
                classes,
                members,
                weightDecay,
                reconstruct,
                select,
                invert,
                facts,
                null,
                null,
                null);
    }
}
