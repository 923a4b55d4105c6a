package dev.palimpsest.cli.plan;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Stage;
import java.util.ArrayList;
import java.util.List;

/**
 * The threat model of an audit, and what it will cost.
 *
 * @param knows what the attacker knows
 * @param counts what only the owner knows, which counts afterwards and never reaches the attack
 * @param stages in order
 * @param minutes of all stages on one core, one after the other
 */
public record Plan(String name, List<String> knows, List<String> counts, List<StageCost> stages, double minutes) {
    public Plan {
        knows = List.copyOf(knows);
        counts = List.copyOf(counts);
        stages = List.copyOf(stages);
    }

    /** What a stage costs: units of work, each at most a few minutes, and minutes on one core in all. */
    public record StageCost(Stage stage, int units, double minutes, String from) {}

    /**
     * What the spec's files say.
     *
     * @param samples of the dataset, members and held-out ones; 0 for a released head
     * @param members of them
     * @param backboneBytes of the backbone's weights; 0 for texts, whose time was not measured
     * @param inputSize of the backbone, pixels
     */
    public record Inputs(int samples, int members, long backboneBytes, int inputSize) {}

    public static Plan of(AuditSpec spec, Inputs inputs) {
        List<StageCost> stages = new Rates(inputs).stages(spec);
        return new Plan(
                spec.name(),
                knows(spec, inputs),
                counts(spec, inputs),
                stages,
                stages.stream().mapToDouble(StageCost::minutes).sum());
    }

    private static List<String> knows(AuditSpec spec, Inputs inputs) {
        List<String> knows = new ArrayList<>();
        AuditSpec.TrainSpec train = spec.target().train();
        knows.add("The weights of the classifier head.");
        knows.add(
                train != null || spec.target().normaliser() != null
                        ? "The normaliser of the embeddings, released with the head."
                        : "No normaliser: the spec names none.");
        knows.add("The frozen backbone, which is public: " + spec.backbone() + ".");
        if (train != null) {
            knows.add("The names of the classes, that " + inputs.members()
                    + " samples trained the head, and the weight decay: " + train.weightDecay() + ".");
        } else {
            knows.add("Not how many samples trained the head, and not the weight decay.");
        }
        knows.add("No training sample, no gradient, no answer of a running service.");
        return knows;
    }

    private static List<String> counts(AuditSpec spec, Inputs inputs) {
        AuditSpec.KnowledgeSpec knowledge = spec.knowledge();
        if (spec.target().train() != null) {
            return List.of(inputs.members() + " members and " + (inputs.samples() - inputs.members())
                    + " held-out samples count what came back, by the dataset.");
        }
        if (knowledge == null || knowledge.members() == null) {
            return List.of("Nothing: without knowledge.members there are pictures, but no numbers and no grade.");
        }
        return List.of(
                "The members of " + knowledge.members() + " count what came back.",
                knowledge.controls() == null
                        ? "Without knowledge.controls nothing says what chance reaches."
                        : "The controls of " + knowledge.controls() + " say what chance reaches.");
    }
}
