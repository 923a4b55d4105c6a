package dev.palimpsest.gateway;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.access.IdentityProvider;
import dev.palimpsest.gateway.access.Role;
import dev.palimpsest.testkit.LocalInfra;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** The real broker and store for a gateway under test. */
public final class LocalInfraResource implements QuarkusTestResourceLifecycleManager {
    /** Whose keys the gateway under test takes; the key of each is "key-" and the name. */
    static final List<Caller> CALLERS = List.of(
            new Caller("viewer-blue", Role.VIEWER, "blue"),
            new Caller("submitter-blue", Role.SUBMITTER, "blue"),
            new Caller("viewer-red", Role.VIEWER, "red"),
            new Caller("submitter-red", Role.SUBMITTER, "red"),
            new Caller("operator", Role.OPERATOR, null));

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
                "palimpsest.token", "let-me-in",
                "palimpsest.shares", "blue=4",
                "palimpsest.keys", keys().toString(),
                "palimpsest.oidc.issuer", IdentityProvider.ISSUER,
                "palimpsest.oidc.keys", provider().toString());
    }

    private static Path provider() {
        try {
            Path file = Files.createTempFile("jwks", ".json");
            file.toFile().deleteOnExit();
            IdentityProvider.create(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path keys() {
        try {
            Path file = Files.createTempFile("keys", "");
            file.toFile().deleteOnExit();
            for (Caller caller : CALLERS) {
                String key = "key-" + caller.getName();
                String line = String.join(
                        ":",
                        caller.getName(),
                        caller.role().id(),
                        Objects.requireNonNullElse(caller.tenant(), ""),
                        Digests.sha256(key.getBytes(StandardCharsets.UTF_8)));
                Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (infra != null) {
            infra.close();
        }
    }
}
