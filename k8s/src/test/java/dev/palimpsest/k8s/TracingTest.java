package dev.palimpsest.k8s;

import static dev.palimpsest.k8s.Manifests.each;
import static dev.palimpsest.k8s.Manifests.name;
import static dev.palimpsest.k8s.Manifests.ofKind;
import static dev.palimpsest.k8s.Manifests.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every service sends its spans to the collector, by the setting that its code reads, and may reach it. */
class TracingTest {
    private static final List<JsonNode> OBJECTS = Manifests.overlay("prod-gpu");

    @Test
    void everyServiceIsToldWhereTheCollectorIs() {
        assertThat(map().path("data").properties()).singleElement().satisfies(setting -> {
            // StageConfig.Traces and the gateway's Wiring read palimpsest.traces.endpoint.
            assertThat(setting.getKey()).isEqualTo("PALIMPSEST_TRACES_ENDPOINT");
            assertThat(endpoint().getPath()).as("the path is ours").isEmpty();
        });
        List<String> told = ofKind(OBJECTS, "Deployment").stream()
                .filter(deployment -> each(deployment.at("/spec/template/spec/containers/0/envFrom"))
                        .anyMatch(from -> text(from, "/configMapRef/name").equals(name(map()))))
                .map(Manifests::name)
                .toList();
        assertThat(told).containsExactlyInAnyOrder("gateway", "embed", "reconstruct", "select", "invert");
    }

    @Test
    void theyMayReachIt() {
        JsonNode policy = ofKind(OBJECTS, "NetworkPolicy").stream()
                .filter(candidate -> name(candidate).equals("services-to-collector"))
                .findFirst()
                .orElseThrow();
        assertThat(text(policy, "/spec/podSelector/matchLabels/palimpsest.dev~1service"))
                .isEqualTo("true");
        JsonNode egress = policy.at("/spec/egress");
        assertThat(egress).hasSize(1);
        assertThat(endpoint().getHost())
                .endsWith("." + text(egress, "/0/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name"));
        assertThat(each(egress.at("/0/ports")).map(port -> port.path("port").asInt()))
                .containsExactly(endpoint().getPort());
    }

    private static URI endpoint() {
        return URI.create(text(map(), "/data/PALIMPSEST_TRACES_ENDPOINT"));
    }

    private static JsonNode map() {
        return ofKind(OBJECTS, "ConfigMap").stream()
                .filter(candidate -> name(candidate).startsWith("tracing"))
                .findFirst()
                .orElseThrow();
    }
}
