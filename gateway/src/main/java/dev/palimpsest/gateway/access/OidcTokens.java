package dev.palimpsest.gateway.access;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens that an identity provider signs (OpenID Connect): JWTs with an issuer, an audience, an end, a subject and who it is here, in the
 * claims {@code palimpsest_role} (viewer, submitter, operator) and {@code palimpsest_tenant} (of all but operators). Only signatures by the
 * provider's private key count, never a shared secret.
 */
public final class OidcTokens {
    static final String ROLE = "palimpsest_role";
    static final String TENANT = "palimpsest_tenant";

    private static final Logger LOG = Logger.getLogger(OidcTokens.class);
    private static final int SKEW_SECONDS = 30;
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
    /** Goes into logs and records of erasures. */
    private static final String SUBJECT = "[A-Za-z0-9@._:|-]{1,128}";

    private final JwtConsumer consumer;

    private OidcTokens(String issuer, String audience, VerificationKeyResolver keys) {
        consumer = new JwtConsumerBuilder()
                .setExpectedIssuer(issuer)
                .setExpectedAudience(audience)
                .setRequireExpirationTime()
                .setAllowedClockSkewInSeconds(SKEW_SECONDS)
                .setRequireSubject()
                .setVerificationKeyResolver(keys)
                .setJwsAlgorithmConstraints(
                        ConstraintType.PERMIT,
                        AlgorithmIdentifiers.RSA_USING_SHA256,
                        AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
                        AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
                .build();
    }

    /**
     * @param keys the provider's public keys (JWKS): an https address, fetched again when a token names a key that is not among them, or a file
     * @throws PalimpsestException USAGE when the file is no key set
     */
    public static OidcTokens of(String issuer, String audience, String keys) {
        if (keys.startsWith("https://")) {
            return new OidcTokens(issuer, audience, new HttpsJwksVerificationKeyResolver(new HttpsJwks(keys)));
        }
        try {
            JsonWebKeySet set = new JsonWebKeySet(Files.readString(Path.of(keys)));
            return new OidcTokens(issuer, audience, new JwksVerificationKeyResolver(set.getJsonWebKeys()));
        } catch (IOException | JoseException e) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "palimpsest.oidc.keys: expected an https address or a file with a JSON Web Key Set, found " + keys
                            + ": " + e.getMessage(),
                    e);
        }
    }

    /** Whose token it is; empty for one that does not count. */
    public Optional<Caller> find(String token) {
        try {
            JwtClaims claims = consumer.processToClaims(token);
            return caller(claims.getSubject(), claims.getStringClaimValue(ROLE), claims.getStringClaimValue(TENANT));
        } catch (InvalidJwtException | MalformedClaimException e) {
            LOG.debugf("a token does not count: %s", e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    private static Optional<Caller> caller(String subject, @Nullable String role, @Nullable String tenant) {
        return Stream.of(Role.values())
                .filter(known -> known.id().equals(role) && subject.matches(SUBJECT))
                .filter(known -> known == Role.OPERATOR || tenant != null && tenant.matches(NAME))
                .map(known -> new Caller(subject, known, known == Role.OPERATOR ? null : tenant))
                .findFirst();
    }
}
