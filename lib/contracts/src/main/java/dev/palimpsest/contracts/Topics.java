package dev.palimpsest.contracts;

import java.util.List;
import java.util.Optional;

/** Names of the Kafka topics. Every record's key begins with the audit's id; see {@link Message#partitionKey}. */
public final class Topics {
    public static final String AUDIT_REQUESTED = "audit.requested";
    public static final String EMBED_UNITS = "embed.units";
    public static final String TARGET_READY = "target.ready";
    public static final String RECONSTRUCT_UNITS = "reconstruct.units";
    public static final String CANDIDATES_READY = "candidates.ready";
    public static final String SELECTION_READY = "selection.ready";
    public static final String INVERT_UNITS = "invert.units";
    public static final String INVERSION_READY = "inversion.ready";
    public static final String AUDIT_PROGRESS = "audit.progress";
    public static final String AUDIT_CONTROL = "audit.control";

    /** Every topic with its partitions; unit topics have more partitions than workers. */
    public static final List<Topic> ALL = List.of(
            new Topic(AUDIT_REQUESTED, 4, false),
            new Topic(EMBED_UNITS, 8, false),
            new Topic(TARGET_READY, 4, false),
            new Topic(RECONSTRUCT_UNITS, 16, false),
            new Topic(CANDIDATES_READY, 4, false),
            new Topic(SELECTION_READY, 4, false),
            new Topic(INVERT_UNITS, 16, false),
            new Topic(INVERSION_READY, 4, false),
            new Topic(AUDIT_PROGRESS, 4, false),
            new Topic(AUDIT_CONTROL, 1, true),
            new Topic(deadLetters(Stage.EMBED), 1, false),
            new Topic(deadLetters(Stage.RECONSTRUCT), 1, false),
            new Topic(deadLetters(Stage.SELECT), 1, false),
            new Topic(deadLetters(Stage.INVERT), 1, false));

    private Topics() {}

    /** Where records go that a stage cannot handle. */
    public static String deadLetters(Stage stage) {
        return stage.id() + ".dead-letters";
    }

    /** The stage that works on what a topic carries; empty for news that only the gateway follows. */
    public static Optional<Stage> worker(String topic) {
        return Optional.ofNullable(
                switch (topic) {
                    case AUDIT_REQUESTED, EMBED_UNITS -> Stage.EMBED;
                    case TARGET_READY, RECONSTRUCT_UNITS -> Stage.RECONSTRUCT;
                    case CANDIDATES_READY -> Stage.SELECT;
                    case INVERT_UNITS -> Stage.INVERT;
                    default -> null;
                });
    }

    /**
     * A topic as it is created.
     *
     * @param compacted whether only the newest record of each key is kept
     */
    public record Topic(String name, int partitions, boolean compacted) {}
}
