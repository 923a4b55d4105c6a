package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Lets only those in who know the token, when one is configured: in a header, or in a browser by the cookie of a {@link Session}. What
 * changes something needs the console's own header beside the cookie, which no page of another origin can send.
 */
@Provider
@PreMatching
public final class TokenFilter implements ContainerRequestFilter {
    private static final String SCHEME = "Bearer ";
    private static final String CONSOLE_HEADER = "X-Palimpsest-Console";

    private final byte @Nullable [] token;

    public TokenFilter(@ConfigProperty(name = "palimpsest.token") Optional<String> token) {
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (token == null
                || isPublic(request)
                || knows(token, request.getHeaderString(HttpHeaders.AUTHORIZATION))
                || isConsole(token, request)) {
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

    private static boolean isConsole(byte[] token, ContainerRequestContext request) {
        Cookie cookie = request.getCookies().get(Session.COOKIE);
        boolean looks = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        return cookie != null
                && (looks || request.getHeaderString(CONSOLE_HEADER) != null)
                && Session.isValid(cookie.getValue(), token, Instant.now());
    }

    private static boolean knows(byte[] token, @Nullable String header) {
        return header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8));
    }
}
