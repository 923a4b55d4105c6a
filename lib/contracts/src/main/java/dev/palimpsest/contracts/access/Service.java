package dev.palimpsest.contracts.access;

import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The services, each with the least that it needs. Members and controls are below {@code knowledge/}: the reconstruct service reads
 * neither them nor what was derived from them, so that the attack cannot peek.
 */
public enum Service {
    /** Reads everything that it shows, takes uploads, announces requests and control, replays dead letters to the topics that they came from, erases. */
    GATEWAY(
            new StoreAccess(
                    List.of(
                            "backbones/*",
                            "targets/*",
                            "knowledge/*",
                            "audits/*",
                            "receipts/*",
                            "dead-letters/*",
                            "reveals/*",
                            "erasures/*"),
                    List.of(
                            "backbones/sha256/*",
                            "targets/sha256/*",
                            "knowledge/sha256/*",
                            "audits/*/request.json",
                            "audits/*/advice/*",
                            "dead-letters/*",
                            "reveals/*",
                            "erasures/*"),
                    List.of("targets/*", "knowledge/*", "audits/*", "receipts/*")),
            new TopicAccess(
                    joined(
                            List.of(
                                    Topics.AUDIT_REQUESTED,
                                    Topics.AUDIT_PROGRESS,
                                    Topics.AUDIT_CONTROL,
                                    Topics.TARGET_READY,
                                    Topics.SELECTION_READY,
                                    Topics.INVERSION_READY),
                            Stream.of(Stage.values()).map(Topics::deadLetters).toList()),
                    List.of(
                            Topics.AUDIT_REQUESTED,
                            Topics.AUDIT_CONTROL,
                            Topics.EMBED_UNITS,
                            Topics.TARGET_READY,
                            Topics.RECONSTRUCT_UNITS,
                            Topics.CANDIDATES_READY,
                            Topics.INVERT_UNITS),
                    List.of(),
                    List.of())),

    EMBED(
            stage(
                    Stage.EMBED,
                    List.of("backbones/*", "targets/*", "knowledge/*", "audits/*/request.json"),
                    List.of("targets/*", "knowledge/*")),
            stage(
                    Stage.EMBED,
                    List.of(Topics.AUDIT_REQUESTED, Topics.EMBED_UNITS),
                    Topics.EMBED_UNITS,
                    Topics.TARGET_READY)),

    RECONSTRUCT(
            stage(Stage.RECONSTRUCT, List.of("targets/*"), List.of()),
            stage(
                    Stage.RECONSTRUCT,
                    List.of(Topics.TARGET_READY, Topics.RECONSTRUCT_UNITS),
                    Topics.RECONSTRUCT_UNITS,
                    Topics.CANDIDATES_READY)),

    SELECT(
            stage(Stage.SELECT, List.of("targets/*", "knowledge/*", "audits/*/reconstruct/*"), List.of()),
            stage(Stage.SELECT, List.of(Topics.CANDIDATES_READY), Topics.SELECTION_READY, Topics.INVERT_UNITS)),

    INVERT(
            stage(Stage.INVERT, List.of("backbones/*", "targets/*", "audits/*/select/*"), List.of()),
            stage(Stage.INVERT, List.of(Topics.INVERT_UNITS), Topics.INVERT_UNITS, Topics.INVERSION_READY));

    private final StoreAccess store;
    private final TopicAccess topics;

    Service(StoreAccess store, TopicAccess topics) {
        this.store = store;
        this.topics = topics;
    }

    /** The name used for users, secrets and deployments. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public StoreAccess store() {
        return store;
    }

    public TopicAccess topics() {
        return topics;
    }

    private static StoreAccess stage(Stage stage, List<String> reads, List<String> writes) {
        List<String> own = List.of("audits/*/" + stage.id() + "/*", "receipts/*/" + stage.id() + "/*");
        return new StoreAccess(joined(reads, own), joined(writes, own), List.of());
    }

    private static TopicAccess stage(Stage stage, List<String> reads, String... announces) {
        return new TopicAccess(
                joined(reads, List.of(Topics.AUDIT_CONTROL)),
                joined(List.of(announces), List.of(Topics.AUDIT_PROGRESS, Topics.deadLetters(stage))),
                List.of(stage.id()),
                List.of("control-"));
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
