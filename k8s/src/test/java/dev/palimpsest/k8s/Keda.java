package dev.palimpsest.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The part of KEDA's API (2.13 and newer) that the manifests use; a field outside it is an error. */
final class Keda {
    private Keda() {}

    record ScaledObject(String apiVersion, String kind, JsonNode metadata, Spec spec) {}

    record Spec(
            Reference scaleTargetRef,
            Integer minReplicaCount,
            Integer maxReplicaCount,
            Integer pollingInterval,
            Integer cooldownPeriod,
            Advanced advanced,
            List<Trigger> triggers) {}

    record Reference(String name) {}

    record Advanced(HpaConfig horizontalPodAutoscalerConfig) {}

    record HpaConfig(Behavior behavior) {}

    record Behavior(ScalingRules scaleDown) {}

    record ScalingRules(Integer stabilizationWindowSeconds, List<ScalingPolicy> policies) {}

    record ScalingPolicy(String type, Integer value, Integer periodSeconds) {}

    record Trigger(String type, KafkaTrigger metadata, Reference authenticationRef) {}

    /** Metadata of a scaler is text throughout. */
    record KafkaTrigger(
            String bootstrapServers,
            String topic,
            String consumerGroup,
            String lagThreshold,
            String activationLagThreshold,
            String offsetResetPolicy,
            String allowIdleConsumers,
            String sasl,
            String tls) {}

    record TriggerAuthentication(String apiVersion, String kind, JsonNode metadata, AuthenticationSpec spec) {}

    record AuthenticationSpec(List<Parameter> secretTargetRef, List<Parameter> configMapTargetRef) {}

    record Parameter(String parameter, String name, String key) {}
}
