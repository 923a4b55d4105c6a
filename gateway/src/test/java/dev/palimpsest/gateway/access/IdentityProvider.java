package dev.palimpsest.gateway.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/** Signs access tokens as an identity provider does. */
public final class IdentityProvider {
    public static final String ISSUER = "https://id.example.org/realms/a";

    private final RsaJsonWebKey key;

    private IdentityProvider(RsaJsonWebKey key) {
        this.key = key;
    }

    /** A new one. Its key set, with what it signs by, goes into the file: a test in another class loader reads it there. */
    public static IdentityProvider create(Path file) throws JoseException, IOException {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("first");
        Files.writeString(file, new JsonWebKeySet(key).toJson(OutputControlLevel.INCLUDE_PRIVATE));
        return new IdentityProvider(key);
    }

    /** The one that was created there. */
    public static IdentityProvider of(Path file) throws JoseException, IOException {
        return new IdentityProvider((RsaJsonWebKey)
                new JsonWebKeySet(Files.readString(file)).getJsonWebKeys().get(0));
    }

    RsaJsonWebKey key() {
        return key;
    }

    /** A token of ann, a viewer of red, for five minutes, but for what is changed. */
    public String signed(Consumer<JwtClaims> change) throws JoseException {
        JwtClaims claims = claims();
        change.accept(claims);
        return signed(claims, key);
    }

    static JwtClaims claims() {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setAudience("palimpsest");
        claims.setSubject("ann");
        claims.setExpirationTime(inMinutes(5));
        claims.setClaim(OidcTokens.ROLE, "viewer");
        claims.setClaim(OidcTokens.TENANT, "red");
        return claims;
    }

    static String signed(JwtClaims claims, RsaJsonWebKey key) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        signature.setKey(key.getPrivateKey());
        return signature.getCompactSerialization();
    }

    public static NumericDate inMinutes(int minutes) {
        return NumericDate.fromSeconds(NumericDate.now().getValue() + 60L * minutes);
    }
}
