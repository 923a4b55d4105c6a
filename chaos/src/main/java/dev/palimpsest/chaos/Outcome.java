package dev.palimpsest.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What came of an audit, without its id: equal for two audits of the same data and seeds.
 *
 * @param verdict of the report
 * @param digests of every tensor and picture in the store, by key, but for checkpoints of the embedding
 * @param receipts how many units took effect
 */
record Outcome(String verdict, Map<String, String> digests, int receipts) {
    /** Of the embedding: an audit whose samples were embedded for an earlier one has none. */
    private static final Pattern CHECKPOINT = Pattern.compile("/images-\\d+\\.safetensors$");

    static Outcome of(GatewayClient gateway, ArtifactStore store, AuditId audit) {
        JsonNode report = gateway.read("/api/v1/audits/" + audit + "/report.json");
        Map<String, String> digests = new TreeMap<>();
        for (String prefix : Keys.of(audit)) {
            for (String key : store.list(prefix)) {
                if (key.endsWith(".png")
                        || key.endsWith(".safetensors")
                                && !CHECKPOINT.matcher(key).find()) {
                    digests.put(
                            key.replace(audit.value(), "AUDIT"),
                            store.stat(key).orElseThrow().sha256());
                }
            }
        }
        return new Outcome(
                report.path("verdict").toString(),
                digests,
                store.list(Keys.receipts(audit)).size());
    }

    /** Whether everything of the other is here too: this one's work may have been cut into more pieces. */
    boolean covers(Outcome other) {
        return verdict.equals(other.verdict) && digests.entrySet().containsAll(other.digests.entrySet());
    }
}
