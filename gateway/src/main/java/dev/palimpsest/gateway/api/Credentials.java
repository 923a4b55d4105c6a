package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.access.ApiKeys;
import dev.palimpsest.gateway.access.Caller;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** What opens this gateway: one token that is an operator's, a file of keys, both, or, on the loopback interface only, nothing. */
@Singleton
final class Credentials {
    private final byte @Nullable [] token;
    private final ApiKeys keys;
    /** What marks the sessions of each caller. */
    private final Map<Caller, byte[]> secrets = new LinkedHashMap<>();

    Credentials(
            @ConfigProperty(name = "palimpsest.token") Optional<String> token,
            @ConfigProperty(name = "palimpsest.keys") Optional<String> keys) {
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
        this.keys = keys.map(file -> ApiKeys.read(Path.of(file))).orElseGet(ApiKeys::none);
        if (this.token != null) {
            secrets.put(Caller.OPERATOR, this.token);
        }
        this.keys.all().forEach(key -> secrets.put(key.caller(), key.hash().getBytes(StandardCharsets.US_ASCII)));
    }

    /** A gateway that others can reach does not start without anything that keeps strangers out. */
    void start(@Observes StartupEvent event, @ConfigProperty(name = "quarkus.http.host") String host) {
        requireClosed(host);
    }

    void requireClosed(String host) {
        if (open() && !loopback(host)) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "The gateway would listen on " + host
                            + " and let everybody in: set PALIMPSEST_TOKEN, or PALIMPSEST_KEYS"
                            + " to a file that 'palimpsest key' writes, or listen on 127.0.0.1");
        }
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    boolean open() {
        return token == null && keys.isEmpty();
    }

    /** Whose key or token it is. */
    Optional<Caller> find(String presented) {
        if (token != null && MessageDigest.isEqual(token, presented.getBytes(StandardCharsets.UTF_8))) {
            return Optional.of(Caller.OPERATOR);
        }
        return keys.find(presented);
    }

    /** Whose session the cookie is, while it lasts. A key that is taken out of the file ends its sessions. */
    Optional<Caller> session(String cookie, Instant now) {
        return secrets.entrySet().stream()
                .filter(known -> Session.isValid(cookie, known.getValue(), now))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** A cookie for a caller; any text will do where everybody is let in. */
    String issue(Caller caller, Instant now) {
        byte[] secret = secrets.get(caller);
        return secret == null ? "open" : Session.issue(secret, now);
    }
}
