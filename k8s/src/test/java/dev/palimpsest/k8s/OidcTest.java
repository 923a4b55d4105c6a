package dev.palimpsest.k8s;

import static dev.palimpsest.k8s.Manifests.each;
import static dev.palimpsest.k8s.Manifests.name;
import static dev.palimpsest.k8s.Manifests.ofKind;
import static dev.palimpsest.k8s.Manifests.text;
import static dev.palimpsest.k8s.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who trusts the identity provider: the gateway, by the settings that its code reads. */
class OidcTest {
    private static final String OVERLAY = "prod-gpu";

    @Test
    void theSettingsAreThoseThatTheGatewayReads() throws IOException {
        String code = Files.readString(
                Manifests.folder().resolveSibling("gateway/src/main/java/dev/palimpsest/gateway/api/Credentials.java"));
        Set<String> read = Pattern.compile("@ConfigProperty\\(name = \"(palimpsest\\.oidc\\.[a-z.-]+)\"")
                .matcher(code)
                .results()
                .map(match -> match.group(1).replaceAll("[.-]", "_").toUpperCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> given = settings().properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
        assertThat(given.keySet()).isEqualTo(read).hasSize(3);
        assertThat(given.get("PALIMPSEST_OIDC_ISSUER")).startsWith("https://");
        assertThat(given.get("PALIMPSEST_OIDC_KEYS"))
                .as("over http anybody could")
                .startsWith("https://");
    }

    @Test
    void theyAreTheGatewaysOnly() {
        String map = name(configMap());
        List<String> readers = ofKind(Manifests.overlay(OVERLAY), "Deployment").stream()
                .filter(deployment -> each(deployment.at("/spec/template/spec/containers/0/envFrom"))
                        .anyMatch(from -> text(from, "/configMapRef/name").equals(map)))
                .map(Manifests::name)
                .toList();
        assertThat(readers).containsExactly("gateway");
    }

    @Test
    void theGatewayReachesTheProviderWhoeverElseIsCutOff() {
        JsonNode policy = ofKind(Manifests.overlay(OVERLAY), "NetworkPolicy").stream()
                .filter(candidate -> name(candidate).equals("gateway-to-identity-provider"))
                .findFirst()
                .orElseThrow();
        assertThat(text(policy, "/spec/podSelector/matchLabels/app.kubernetes.io~1name"))
                .isEqualTo("gateway");
        assertThat(texts(policy.at("/spec/policyTypes"))).containsExactly("Egress");
        assertThat(each(policy.at("/spec/egress/0/ports"))
                        .map(port -> port.path("port").asInt()))
                .containsExactly(443);
    }

    private static JsonNode settings() {
        return configMap().path("data");
    }

    private static JsonNode configMap() {
        return ofKind(Manifests.overlay(OVERLAY), "ConfigMap").stream()
                .filter(candidate -> name(candidate).startsWith("oidc"))
                .findFirst()
                .orElseThrow();
    }
}
