package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while the store answers; the broker's readiness is checked by the messaging channels themselves. */
@Readiness
@ApplicationScoped
class StageReadiness implements HealthCheck {
    private final ArtifactStore store;

    StageReadiness(ArtifactStore store) {
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("object store").status(store.ready()).build();
    }
}
