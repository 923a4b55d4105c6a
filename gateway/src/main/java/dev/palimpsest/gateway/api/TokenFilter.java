package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Lets only those in who know the token, when one is configured. Compares in constant time. */
@Provider
@PreMatching
public final class TokenFilter implements ContainerRequestFilter {
    private static final String SCHEME = "Bearer ";

    private final byte @Nullable [] token;

    public TokenFilter(@ConfigProperty(name = "palimpsest.token") Optional<String> token) {
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (token == null || isPublic(request) || knows(token, request.getHeaderString(HttpHeaders.AUTHORIZATION))) {
            return;
        }
        request.abortWith(Problem.builder(
                        401,
                        ErrorCode.USAGE,
                        "The header 'Authorization: Bearer TOKEN' is missing or has another token")
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                .build());
    }

    /** Editors fetch the schema of specs, which says nothing about anybody, and send no token. */
    private static boolean isPublic(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        return path.startsWith("/schemas/") || path.startsWith("schemas/");
    }

    private static boolean knows(byte[] token, @Nullable String header) {
        return header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
