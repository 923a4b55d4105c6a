package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.spans.Spans;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

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
    Spans spans(StageConfig config, @ConfigProperty(name = "quarkus.application.name") String service) {
        return config.traces()
                .endpoint()
                .map(address -> Spans.to(address, service))
                .orElseGet(Spans::nowhere);
    }

    void close(@Disposes Spans spans) {
        spans.close();
    }

    @Produces
    @Singleton
    StageRunner runner(
            ArtifactStore store,
            Announcer announcer,
            Control control,
            StageConfig config,
            MeterRegistry meters,
            Spans spans) {
        Retries retries = new Retries(
                config.retry().attempts(),
                Duration.ofMillis(config.retry().firstDelayMillis()),
                length -> Thread.sleep(length.toMillis()));
        return new StageRunner(store, announcer, control, retries, meters, spans, config.cache(), Clock.systemUTC());
    }
}
