package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;

/** Puts the parts of a stage together. */
@ApplicationScoped
class StageBeans {
    @Produces
    @Singleton
    ArtifactStore store(StageConfig config) {
        StageConfig.Store store = config.store();
        ArtifactStore connected = ArtifactStore.connect(
                StoreSettings.of(store.endpoint(), store.accessKey(), store.secretKey(), store.bucket()));
        return connected;
    }

    @Produces
    @Singleton
    StageRunner runner(
            ArtifactStore store, Announcer announcer, Control control, StageConfig config, MeterRegistry meters) {
        Retries retries = new Retries(
                config.retry().attempts(),
                Duration.ofMillis(config.retry().firstDelayMillis()),
                length -> Thread.sleep(length.toMillis()));
        return new StageRunner(store, announcer, control, retries, meters, config.cache(), Clock.systemUTC());
    }
}
