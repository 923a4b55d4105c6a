package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.spec.SpecReader;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EmbeddedDataTest {
    private static final String REQUEST = """
            {"schemaVersion": 1, "audit": "a-study", "accepted": "2026-01-31T12:00:00Z",
             "backbone": {"config.json": {"key": "backbones/c", "sha256": "%1$s", "bytes": 1}},
             "images": [{"file": "a/1.jpg", "label": "a", "part": "member", "ref": {"key": "knowledge/i", "sha256": "%1$s", "bytes": 1}},
                        {"file": "b/1.jpg", "label": "b", "part": "member", "ref": {"key": "knowledge/j", "sha256": "%1$s", "bytes": 1}}]}
            """.formatted("0".repeat(64));

    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: x
            backbone: tiny
            target: { train: { dataset: photos, size: 64, seed: 1, hidden: 100 } }
            """;

    /** For ever: another key forgets what every store holds, and finds nothing of it when audits are erased. */
    @Test
    void keyOfARequest() throws Exception {
        assertThat(key(SPEC, request -> {}))
                .isEqualTo(
                        "knowledge/embedded_data/cc23f5d1f977b2753f74aa4f6ca48493d1fe61c55dfab515c23d24c83ca789c9.safetensors");
    }

    @Test
    void trainingAttackAndIdChangeNoKey() throws Exception {
        String key = key(SPEC, request -> {});
        assertThat(key(SPEC.replace("seed: 1, hidden: 100", "seed: 2, hidden: 50"), request -> {}))
                .isEqualTo(key);
        assertThat(key(SPEC, request -> request.put("audit", "another"))).isEqualTo(key);
    }

    @Test
    void whateverAnEmbeddingDependsOnChangesTheKey() throws Exception {
        String key = key(SPEC, request -> {});
        assertThat(key(SPEC.replace("size: 64", "size: 96"), request -> {})).isNotEqualTo(key);
        assertThat(key(SPEC, request -> digest(request, "/backbone/config.json")))
                .isNotEqualTo(key);
        assertThat(key(SPEC, request -> digest(request, "/images/1/ref"))).isNotEqualTo(key);
        assertThat(key(SPEC, request -> request.withArray("images").remove(1))).isNotEqualTo(key);
    }

    private static void digest(ObjectNode request, String path) {
        ((ObjectNode) request.at(path)).put("sha256", "1".repeat(64));
    }

    private static String key(String spec, Consumer<ObjectNode> change) throws Exception {
        ObjectNode request = (ObjectNode) Json.mapper().readTree(REQUEST);
        request.set("spec", Json.mapper().valueToTree(SpecReader.read(spec, "spec")));
        change.accept(request);
        return EmbeddedData.key(Json.mapper().treeToValue(request, AuditRequest.class));
    }
}
