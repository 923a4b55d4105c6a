package dev.palimpsest.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens as a provider signs them, and as somebody would who is not one. */
class OidcTokensTest {
    @TempDir
    static Path folder;

    private static IdentityProvider provider;
    private static OidcTokens tokens;

    @BeforeAll
    static void start() throws Exception {
        provider = IdentityProvider.create(folder.resolve("own.json"));
        Path keys = Files.writeString(
                folder.resolve("jwks.json"), new JsonWebKeySet(provider.key()).toJson(OutputControlLevel.PUBLIC_ONLY));
        tokens = OidcTokens.of(IdentityProvider.ISSUER, "palimpsest", keys.toString());
    }

    @Test
    void aTokenIsItsCaller() throws Exception {
        assertThat(tokens.find(signed(claims -> {}))).contains(new Caller("ann", Role.VIEWER, "red"));
        assertThat(tokens.find(signed(claims -> claims.setClaim(OidcTokens.ROLE, "submitter"))))
                .contains(new Caller("ann", Role.SUBMITTER, "red"));
        assertThat(tokens.find(signed(claims -> claims.setClaim(OidcTokens.ROLE, "operator"))))
                .as("an operator sees every tenant's audits")
                .contains(new Caller("ann", Role.OPERATOR, null));
    }

    @Test
    void whatTheProviderDidNotSayDoesNotCount() throws Exception {
        for (String role : new String[] {"OPERATOR", "admin", ""}) {
            assertThat(tokens.find(signed(claims -> claims.setClaim(OidcTokens.ROLE, role))))
                    .as(role)
                    .isEmpty();
        }
        assertThat(tokens.find(signed(claims -> claims.unsetClaim(OidcTokens.ROLE))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.unsetClaim(OidcTokens.TENANT))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setClaim(OidcTokens.TENANT, "Red Team"))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setClaim(OidcTokens.ROLE, 7))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setSubject("ann\nnobody"))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.unsetClaim("sub")))).isEmpty();
    }

    @Test
    void aTokenForOthersOrFromOthersOrOfYesterdayDoesNotCount() throws Exception {
        assertThat(tokens.find(signed(claims -> claims.setIssuer("https://id.example.org/realms/b"))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setAudience("another")))).isEmpty();
        assertThat(tokens.find(signed(claims -> claims.unsetClaim("aud")))).isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setExpirationTime(IdentityProvider.inMinutes(-5)))))
                .isEmpty();
        assertThat(tokens.find(signed(claims -> claims.unsetClaim("exp")))).isEmpty();
        assertThat(tokens.find(signed(claims -> claims.setNotBefore(IdentityProvider.inMinutes(5)))))
                .isEmpty();
    }

    @Test
    void aTokenThatTheProviderDidNotSignDoesNotCount() throws Exception {
        RsaJsonWebKey other = RsaJwkGenerator.generateJwk(2048);
        other.setKeyId("first");
        assertThat(tokens.find(IdentityProvider.signed(IdentityProvider.claims(), other)))
                .as("another key")
                .isEmpty();

        JsonWebSignature none = new JsonWebSignature();
        none.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        none.setPayload(IdentityProvider.claims().toJson());
        none.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        assertThat(tokens.find(none.getCompactSerialization()))
                .as("no signature")
                .isEmpty();

        JsonWebSignature shared = new JsonWebSignature();
        shared.setPayload(IdentityProvider.claims().toJson());
        shared.setKeyIdHeaderValue("first");
        shared.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        shared.setKey(new HmacKey(provider.key().getPublicKey().getEncoded()));
        assertThat(tokens.find(shared.getCompactSerialization()))
                .as("the public key as a secret")
                .isEmpty();

        String good = signed(claims -> {});
        assertThat(tokens.find(good.substring(0, good.length() - 6) + "AAAAAA")).isEmpty();
        assertThat(tokens.find("")).isEmpty();
        assertThat(tokens.find("let-me-in")).isEmpty();
    }

    @Test
    void keysThatAreNoKeySetAreNamed() {
        assertThatThrownBy(() -> OidcTokens.of(
                        IdentityProvider.ISSUER,
                        "palimpsest",
                        folder.resolve("none.json").toString()))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("none.json");
    }

    private static String signed(Consumer<JwtClaims> change) throws JoseException {
        return provider.signed(change);
    }
}
