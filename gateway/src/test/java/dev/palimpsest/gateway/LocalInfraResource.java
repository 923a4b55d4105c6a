package dev.palimpsest.gateway;

import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.testkit.LocalInfra;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The real broker and store for a gateway under test. */
public final class LocalInfraResource implements QuarkusTestResourceLifecycleManager {
    private @Nullable LocalInfra infra;

    @Override
    public Map<String, String> start() {
        LocalInfra started = LocalInfra.start(Topics.ALL);
        infra = started;
        StoreSettings store = started.storeSettings();
        return Map.of(
                "kafka.bootstrap.servers", started.bootstrapServers(),
                "palimpsest.store.endpoint", store.endpoint(),
                "palimpsest.store.access-key", store.accessKey(),
                "palimpsest.store.secret-key", store.secretKey(),
                "palimpsest.store.bucket", store.bucket(),
                "palimpsest.token", "let-me-in");
    }

    @Override
    public void stop() {
        if (infra != null) {
            infra.close();
        }
    }
}
