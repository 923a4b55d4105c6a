package dev.palimpsest.contracts;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the attack gets to know and nothing more. Stored as {@code target.json}.
 *
 * @param head safetensors: 0.weight, 0.bias, 2.weight, optional 2.bias
 * @param normaliser safetensors: mean, std; null when it was not released
 * @param backbone files of the backbone's folder by name
 * @param inputSize pixels of the square that the backbone was fed
 * @param classes names in label order
 * @param members how many samples trained the head, if the attacker is told; else 0
 * @param weightDecay if the attacker is told; else 0
 * @param facts numbers about the training that people want to see: accuracy, residual
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
        Map<String, Double> facts) {
    public Target {
        backbone = Map.copyOf(backbone);
        classes = List.copyOf(classes);
        facts = Map.copyOf(facts);
    }
}
