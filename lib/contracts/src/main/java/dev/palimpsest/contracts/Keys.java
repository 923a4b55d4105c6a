package dev.palimpsest.contracts;

import java.util.List;

/**
 * The one place that builds object keys. The first part is what storage policies are written for: {@code knowledge/} holds
 * members and controls, and the reconstruct service has no credentials for it.
 */
public final class Keys {
    private Keys() {}

    /** What anybody who holds the released model may know. */
    public static String target(AuditId audit, String name) {
        return ArtifactRef.requireKey("targets/" + audit + "/" + name);
    }

    /** What only the owner knows: member and control embeddings and images. */
    public static String knowledge(AuditId audit, String name) {
        return ArtifactRef.requireKey("knowledge/" + audit + "/" + name);
    }

    /** Intermediate and final results of a stage. */
    public static String result(AuditId audit, Stage stage, String name) {
        return ArtifactRef.requireKey("audits/" + audit + "/" + stage.id() + "/" + name);
    }

    /** The mark that a unit is done, with the messages that it announced. */
    public static String receipt(AuditId audit, Stage stage, String unit) {
        return ArtifactRef.requireKey("receipts/" + audit + "/" + stage.id() + "/" + unit + ".json");
    }

    /** What the keys of an audit's receipts begin with. */
    public static String receipts(AuditId audit) {
        return "receipts/" + audit + "/";
    }

    /** What the keys of everything that belongs to one audit alone begin with. */
    public static List<String> of(AuditId audit) {
        return List.of("targets/" + audit + "/", "knowledge/" + audit + "/", "audits/" + audit + "/", receipts(audit));
    }

    /** What somebody decided about a dead letter. */
    public static String deadLetter(String letter) {
        return ArtifactRef.requireKey("dead-letters/" + letter + ".json");
    }

    /** That somebody looked at rebuilt pictures. */
    public static String reveal(AuditId audit, String name) {
        return ArtifactRef.requireKey("reveals/" + audit + "/" + name + ".json");
    }

    /** What is left of an audit that was erased. */
    public static String erasure(AuditId audit) {
        return ArtifactRef.requireKey("erasures/" + audit + ".json");
    }

    /** The accepted request of an audit. */
    public static String request(AuditId audit) {
        return ArtifactRef.requireKey("audits/" + audit + "/request.json");
    }

    /** What the keys of {@link DefenceAdvice} on an audit begin with. */
    public static String advice(AuditId audit) {
        return "audits/" + audit + "/advice/";
    }

    /** An uploaded input, named by its content. */
    public static String upload(Area area, String sha256) {
        return ArtifactRef.requireKey(area.prefix() + "/sha256/" + sha256);
    }

    /** Where an upload belongs: decides who may read it. */
    public enum Area {
        BACKBONES("backbones"),
        TARGETS("targets"),
        KNOWLEDGE("knowledge");

        private final String prefix;

        Area(String prefix) {
            this.prefix = prefix;
        }

        public String prefix() {
            return prefix;
        }
    }
}
