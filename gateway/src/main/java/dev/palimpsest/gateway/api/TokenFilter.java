package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.access.Operations;
import dev.palimpsest.gateway.access.Role;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.ext.Provider;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets those in who know the token or a key: in a header, or in a browser by the cookie of a {@link Session}; each to the operations of
 * their role and the audits of their tenant. What changes something needs the console's own header beside the cookie, which no page of
 * another origin can send.
 */
@Provider
@PreMatching
public final class TokenFilter implements ContainerRequestFilter {
    private static final String SCHEME = "Bearer ";
    private static final String CONSOLE_HEADER = "X-Palimpsest-Console";

    private final Credentials credentials;
    private final Audits audits;

    TokenFilter(Credentials credentials, Audits audits) {
        this.credentials = credentials;
        this.audits = audits;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String path = "/" + request.getUriInfo().getPath().replaceFirst("^/", "");
        if (isPublic(path)) {
            return;
        }
        Optional<Caller> known = caller(request);
        if (known.isEmpty()) {
            request.abortWith(Problem.builder(
                            401,
                            ErrorCode.USAGE,
                            "The header 'Authorization: Bearer TOKEN' is missing or has another token")
                    .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                    .build());
            return;
        }
        Caller caller = known.get();
        Role needed = Operations.needs(request.getMethod(), path);
        if (!caller.role().covers(needed)) {
            request.abortWith(Problem.builder(
                            403,
                            ErrorCode.USAGE,
                            "The key '" + caller.getName() + "' is a "
                                    + caller.role().id() + "'s; this needs a " + needed.id() + "'s")
                    .build());
            return;
        }
        List<String> queried = request.getUriInfo().getQueryParameters().getOrDefault("audit", List.of());
        for (String audit : Operations.audits(path, queried)) {
            if (!caller.sees(audits.tenant(audit))) {
                // As for an audit that does not exist: others' are not told apart from none.
                request.abortWith(Problem.builder(404, ErrorCode.NOT_FOUND, "There is no audit " + audit)
                        .build());
                return;
            }
        }
        request.setSecurityContext(new Known(caller, request.getSecurityContext()));
    }

    /** Who asks, as this filter has found. */
    static Caller caller(SecurityContext context) {
        if (context.getUserPrincipal() instanceof Caller caller) {
            return caller;
        }
        throw new IllegalStateException("the request did not come through the filter");
    }

    /** What a header with a token or key carries. */
    static Optional<String> bearer(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** Editors fetch the schema of specs, which says nothing about anybody, and send no token. */
    private static boolean isPublic(String path) {
        return path.startsWith("/schemas/");
    }

    private Optional<Caller> caller(ContainerRequestContext request) {
        if (credentials.open()) {
            return Optional.of(Caller.OPERATOR);
        }
        Optional<Caller> caller =
                bearer(request.getHeaderString(HttpHeaders.AUTHORIZATION)).flatMap(credentials::find);
        if (caller.isPresent()) {
            return caller;
        }
        Cookie cookie = request.getCookies().get(Session.COOKIE);
        boolean looks = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        return cookie != null && (looks || request.getHeaderString(CONSOLE_HEADER) != null)
                ? credentials.session(cookie.getValue(), Instant.now())
                : Optional.empty();
    }

    /** The caller, on the connection that there was. */
    private record Known(Caller caller, SecurityContext connection) implements SecurityContext {
        @Override
        public Principal getUserPrincipal() {
            return caller;
        }

        @Override
        public boolean isUserInRole(String role) {
            return caller.role().id().equals(role);
        }

        @Override
        public boolean isSecure() {
            return connection.isSecure();
        }

        @Override
        public @Nullable String getAuthenticationScheme() {
            return connection.getAuthenticationScheme();
        }
    }
}
