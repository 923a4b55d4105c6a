package dev.palimpsest.gateway;

import dev.palimpsest.gateway.broker.TopicFollower;
import dev.palimpsest.gateway.store.GatewayStore;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the past has been read, the follower lives and the store answers. */
@Readiness
@Singleton
public final class GatewayReady implements HealthCheck {
    private final TopicFollower follower;
    private final GatewayStore store;

    GatewayReady(TopicFollower follower, GatewayStore store) {
        this.follower = follower;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        boolean upToDate = follower.upToDate();
        boolean answers = store.ready();
        return HealthCheckResponse.named("gateway")
                .status(upToDate && answers)
                .withData("view", upToDate ? "up to date" : "reading the topics")
                .withData("store", answers ? "answers" : "does not answer")
                .build();
    }
}
