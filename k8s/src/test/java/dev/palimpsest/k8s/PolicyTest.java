package dev.palimpsest.k8s;

import static dev.palimpsest.k8s.Manifests.each;
import static dev.palimpsest.k8s.Manifests.name;
import static dev.palimpsest.k8s.Manifests.ofKind;
import static dev.palimpsest.k8s.Manifests.text;
import static dev.palimpsest.k8s.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is applied to a cluster: every overlay as rendered. */
class PolicyTest {
    static final List<String> OVERLAYS = Manifests.OVERLAYS;

    private static final Set<String> SERVICES = Set.of("gateway", "embed", "reconstruct", "select", "invert");

    /** Made by the operator or, as docs/kubernetes.md says, by whoever installs. */
    private static final Set<String> EXTERNAL_SECRETS = Set.of(
            "palimpsest-gateway",
            "palimpsest-embed",
            "palimpsest-reconstruct",
            "palimpsest-select",
            "palimpsest-invert",
            "palimpsest-cluster-ca-cert",
            "gateway-token",
            "store-gateway",
            "store-embed",
            "store-reconstruct",
            "store-select",
            "store-invert");

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void everyFieldExistsInItsApi(String overlay) {
        assertThat(Manifests.overlay(overlay))
                .isNotEmpty()
                .flatExtracting(Strict::problems)
                .isEmpty();
    }

    @Test
    void anInventedFieldIsFound() throws Exception {
        String yaml = "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"x\"},\"spec\":"
                + "{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"redinessProbe\":{}}]}}}}";
        assertThat(Strict.problems(new ObjectMapper().readTree(yaml)))
                .singleElement()
                .asString()
                .contains("containers[0] has unknown fields [redinessProbe]");
        String keda = "{\"apiVersion\":\"keda.sh/v1alpha1\",\"kind\":\"ScaledObject\",\"metadata\":{\"name\":\"x\"},"
                + "\"spec\":{\"minReplicas\":1}}";
        assertThat(Strict.problems(new ObjectMapper().readTree(keda)))
                .singleElement()
                .asString()
                .contains("minReplicas");
    }

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void podsAreRestricted(String overlay) {
        List<JsonNode> objects = Manifests.overlay(overlay);
        assertThat(ofKind(objects, "Namespace"))
                .singleElement()
                .extracting(namespace -> namespace
                        .at("/metadata/labels")
                        .path("pod-security.kubernetes.io/enforce")
                        .asText())
                .isEqualTo("restricted");
        pods(objects).forEach(object -> {
            JsonNode pod = object.at("/spec/template/spec");
            assertThat(text(pod, "/automountServiceAccountToken"))
                    .as(name(object))
                    .isEqualTo("false");
            assertThat(text(pod, "/securityContext/runAsNonRoot")).isEqualTo("true");
            assertThat(pod.at("/securityContext/runAsUser").asInt()).isPositive();
            assertThat(text(pod, "/securityContext/seccompProfile/type")).isEqualTo("RuntimeDefault");
            assertThat(pod.path("hostNetwork").asBoolean()
                            || pod.path("hostPID").asBoolean())
                    .isFalse();
            assertThat(each(pod.path("volumes")))
                    .allMatch(volume -> volume.has("emptyDir") || volume.has("secret") || volume.has("configMap"));
            assertThat(each(pod.path("volumes")).filter(volume -> volume.has("emptyDir")))
                    .allMatch(volume -> volume.at("/emptyDir").has("sizeLimit"));
            assertThat(pod.path("containers")).isNotEmpty().allSatisfy(container -> {
                assertThat(text(container, "/securityContext/allowPrivilegeEscalation"))
                        .isEqualTo("false");
                assertThat(text(container, "/securityContext/readOnlyRootFilesystem"))
                        .isEqualTo("true");
                assertThat(texts(container.at("/securityContext/capabilities/drop")))
                        .containsExactly("ALL");
                assertThat(text(container, "/image")).matches("[^:]+:[^:]+").doesNotEndWith(":latest");
                for (String resource : List.of("cpu", "memory", "ephemeral-storage")) {
                    assertThat(container.at("/resources/requests").has(resource))
                            .isTrue();
                    assertThat(container.at("/resources/limits").has(resource)).isTrue();
                }
            });
        });
    }

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void servicesAreProbedAndMayFinishTheirUnit(String overlay) {
        List<JsonNode> objects = Manifests.overlay(overlay);
        List<JsonNode> services = services(objects);
        assertThat(services).extracting(Manifests::name).containsExactlyInAnyOrderElementsOf(SERVICES);
        long patience = ofKind(objects, "ConfigMap").stream()
                .map(map -> map.at("/data").path("PALIMPSEST_LAST_UNIT").asText())
                .filter(text -> !text.isEmpty())
                .mapToLong(text -> Duration.parse("PT" + text).toSeconds())
                .sum();
        assertThat(patience).as("seconds for the unit that runs").isGreaterThan(60);
        for (JsonNode service : services) {
            JsonNode pod = service.at("/spec/template/spec");
            assertThat(pod.path("terminationGracePeriodSeconds").asLong()).isGreaterThan(patience + 10);
            JsonNode container = pod.at("/containers/0");
            assertThat(text(container, "/startupProbe/httpGet/path")).isEqualTo("/q/health/started");
            assertThat(text(container, "/livenessProbe/httpGet/path")).isEqualTo("/q/health/live");
            assertThat(text(container, "/readinessProbe/httpGet/path")).isEqualTo("/q/health/ready");
        }
        assertThat(ofKind(objects, "PodDisruptionBudget"))
                .extracting(budget -> text(budget, "/spec/selector/matchLabels/app.kubernetes.io~1name"))
                .containsExactlyInAnyOrderElementsOf(SERVICES);
    }

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void nothingTalksUnlessNamed(String overlay) {
        List<JsonNode> policies = ofKind(Manifests.overlay(overlay), "NetworkPolicy");
        assertThat(policies)
                .filteredOn(policy -> name(policy).equals("default-deny"))
                .singleElement()
                .satisfies(deny -> {
                    assertThat(deny.at("/spec/podSelector")).isEmpty();
                    assertThat(texts(deny.at("/spec/policyTypes"))).containsExactlyInAnyOrder("Ingress", "Egress");
                    assertThat(deny.path("spec").has("ingress")
                                    || deny.path("spec").has("egress"))
                            .isFalse();
                });
        // An empty rule, or one without ports, would allow everything; only the broker's own pods talk without limit.
        for (JsonNode policy : policies) {
            Stream.concat(each(policy.at("/spec/ingress")), each(policy.at("/spec/egress")))
                    .forEach(
                            rule -> assertThat(rule.has("ports") || name(policy).equals("kafka"))
                                    .as("ports in " + name(policy))
                                    .isTrue());
            each(policy.at("/spec/egress"))
                    .flatMap(rule -> each(rule.path("to")))
                    .filter(to -> to.has("ipBlock"))
                    .forEach(to -> assertThat(texts(to.at("/ipBlock/except"))).contains("169.254.0.0/16"));
        }
        for (JsonNode service : services(Manifests.overlay(overlay))) {
            assertThat(text(service, "/spec/template/metadata/labels/palimpsest.dev~1service"))
                    .isEqualTo("true");
        }
    }

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void whatPodsReferToIsThere(String overlay) {
        List<JsonNode> objects = Manifests.overlay(overlay);
        Set<String> there = new HashSet<>();
        objects.forEach(object -> there.add(text(object, "/kind") + "/" + name(object)));
        EXTERNAL_SECRETS.forEach(name -> there.add("Secret/" + name));
        List<String> wanted = new ArrayList<>();
        pods(objects).forEach(object -> {
            JsonNode pod = object.at("/spec/template/spec");
            each(pod.path("volumes")).forEach(volume -> {
                if (volume.has("secret")) {
                    wanted.add("Secret/" + text(volume, "/secret/secretName"));
                } else if (volume.has("configMap")) {
                    wanted.add("ConfigMap/" + text(volume, "/configMap/name"));
                }
            });
            each(pod.path("containers")).forEach(container -> {
                each(container.path("envFrom"))
                        .forEach(from -> wanted.add("ConfigMap/" + text(from, "/configMapRef/name")));
                each(container.path("env"))
                        .filter(variable -> variable.at("/valueFrom").has("secretKeyRef"))
                        .forEach(variable -> wanted.add("Secret/" + text(variable, "/valueFrom/secretKeyRef/name")));
            });
            if (pod.has("serviceAccountName")) {
                wanted.add("ServiceAccount/" + text(pod, "/serviceAccountName"));
            }
        });
        assertThat(there).containsAll(wanted);
    }

    @ParameterizedTest
    @FieldSource("OVERLAYS")
    void eachServiceHasOnlyItsOwnCredentials(String overlay) {
        for (JsonNode service : services(Manifests.overlay(overlay))) {
            Set<String> own = new HashSet<>(Set.of("store-" + name(service), "palimpsest-" + name(service)));
            if (name(service).equals("gateway")) {
                own.add("gateway-token");
            }
            assertThat(each(service.at("/spec/template/spec/containers/0/env"))
                            .filter(variable -> variable.at("/valueFrom").has("secretKeyRef"))
                            .map(variable -> text(variable, "/valueFrom/secretKeyRef/name")))
                    .isNotEmpty()
                    .containsOnly(own.toArray(String[]::new));
        }
    }

    @Test
    void onlyTheDevelopersOverlayHasSecretsOrMinio() {
        for (String overlay : List.of("cpu", "prod-gpu")) {
            assertThat(ofKind(Manifests.overlay(overlay), "Secret")).isEmpty();
            assertThat(Manifests.overlay(overlay).toString()).doesNotContainIgnoringCase("minio");
        }
        assertThat(ofKind(Manifests.overlay("dev"), "Secret")).isNotEmpty();
    }

    @Test
    void whoHoldsAGpuIsReplacedNotRolled() {
        for (JsonNode service : services(Manifests.overlay("prod-gpu"))) {
            boolean gpu = Set.of("reconstruct", "invert").contains(name(service));
            JsonNode container = service.at("/spec/template/spec/containers/0");
            assertThat(text(service, "/spec/strategy/type")).isEqualTo(gpu ? "Recreate" : "RollingUpdate");
            assertThat(service.at("/spec/strategy").has("rollingUpdate")).isEqualTo(!gpu);
            for (String part : List.of("requests", "limits")) {
                assertThat(container.at("/resources/" + part).has("nvidia.com/gpu"))
                        .isEqualTo(gpu);
            }
            assertThat(text(container, "/image").contains("-cuda:")).isEqualTo(gpu);
            assertThat(service.at("/spec/template/spec").has("tolerations")).isEqualTo(gpu);
        }
    }

    private static List<JsonNode> pods(List<JsonNode> objects) {
        return objects.stream()
                .filter(object -> Set.of("Deployment", "Job").contains(text(object, "/kind")))
                .toList();
    }

    private static List<JsonNode> services(List<JsonNode> objects) {
        return ofKind(objects, "Deployment").stream()
                .filter(object ->
                        text(object, "/metadata/labels/palimpsest.dev~1service").equals("true"))
                .toList();
    }
}
