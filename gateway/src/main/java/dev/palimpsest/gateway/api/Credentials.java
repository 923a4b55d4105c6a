package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.access.ApiKeys;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.access.OidcTokens;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
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

/**
 * What opens this gateway: one token that is an operator's, a file of keys, tokens of an identity provider, several of these, or, on the loopback
 * interface only, nothing.
 */
@Singleton
final class Credentials {
    private final byte @Nullable [] token;
    private final ApiKeys keys;
    private final @Nullable OidcTokens oidc;
    /** What marks the sessions of each caller. */
    private final Map<Caller, byte[]> secrets = new LinkedHashMap<>();

    @Inject
    Credentials(
            @ConfigProperty(name = "palimpsest.token") Optional<String> token,
            @ConfigProperty(name = "palimpsest.keys") Optional<String> keys,
            @ConfigProperty(name = "palimpsest.oidc.issuer") Optional<String> issuer,
            @ConfigProperty(name = "palimpsest.oidc.audience", defaultValue = "palimpsest") String audience,
            @ConfigProperty(name = "palimpsest.oidc.keys") Optional<String> oidcKeys) {
        this(
                token,
                keys,
                issuer.map(name -> OidcTokens.of(
                                name,
                                audience,
                                oidcKeys.orElseThrow(() -> new PalimpsestException(
                                        ErrorCode.USAGE,
                                        "palimpsest.oidc.issuer is set and palimpsest.oidc.keys is not: an https"
                                                + " address or a file with the issuer's JSON Web Key Set"))))
                        .orElse(null));
    }

    /** Without an identity provider. */
    Credentials(Optional<String> token, Optional<String> keys) {
        this(token, keys, null);
    }

    Credentials(Optional<String> token, Optional<String> keys, @Nullable OidcTokens oidc) {
        this.oidc = oidc;
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
                            + " to a file that 'palimpsest key' writes, or PALIMPSEST_OIDC_ISSUER, or listen on 127.0.0.1");
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
        return token == null && keys.isEmpty() && oidc == null;
    }

    /** Whose key or token it is. */
    Optional<Caller> find(String presented) {
        if (token != null && MessageDigest.isEqual(token, presented.getBytes(StandardCharsets.UTF_8))) {
            return Optional.of(Caller.OPERATOR);
        }
        Optional<Caller> owner = keys.find(presented);
        return owner.isPresent() || oidc == null ? owner : oidc.find(presented);
    }

    /**
     * Whose session the cookie is, while it lasts. A key that is taken out of the file ends its sessions; a token of the identity provider ends
     * with its own time.
     */
    Optional<Caller> session(String cookie, Instant now) {
        Optional<Caller> known = secrets.entrySet().stream()
                .filter(secret -> Session.isValid(cookie, secret.getValue(), now))
                .map(Map.Entry::getKey)
                .findFirst();
        return known.isPresent() || oidc == null ? known : oidc.find(cookie);
    }

    /**
     * A cookie for a caller; any text will do where everybody is let in. A token of the identity provider is its own cookie: it says who and until
     * when, and no replica has to remember it.
     *
     * @param presented what the caller came with
     * @throws PalimpsestException USAGE for a token that no browser would keep
     */
    String issue(Caller caller, String presented, Instant now) {
        byte[] secret = secrets.get(caller);
        if (secret != null) {
            return Session.issue(secret, now);
        }
        if (open()) {
            return "open";
        }
        if (presented.length() > Session.LONGEST) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "This token of the identity provider has %d characters; a browser keeps %d. Have the provider put less into it, or sign in with a key"
                            .formatted(presented.length(), Session.LONGEST));
        }
        return presented;
    }
}
