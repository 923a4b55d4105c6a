package dev.palimpsest.gateway.api;

import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Signing in and out of the console. */
@Path("/api/v1/session")
@Tag(name = "Console")
public final class SessionResource {
    private final Credentials credentials;

    SessionResource(Credentials credentials) {
        this.credentials = credentials;
    }

    /** Who gets here has shown the token or a key to {@link TokenFilter}, or none is needed. */
    @POST
    @Operation(
            summary = "Sign a browser in",
            description =
                    "Pictures and event streams of a page carry no Authorization header; a cookie of twelve hours does instead."
                            + " Scripts cannot read it, and no other site's page makes a browser send it. An access token of an identity"
                            + " provider is its own session and ends when it does.")
    @APIResponse(responseCode = "204", description = "Signed in")
    public Response signIn(
            @Context HttpServerRequest request, @Context HttpHeaders headers, @Context SecurityContext who) {
        Cookie before = headers.getCookies().get(Session.COOKIE);
        String presented = TokenFilter.bearer(headers.getHeaderString(HttpHeaders.AUTHORIZATION))
                .orElse(before == null ? "" : before.getValue());
        String value = credentials.issue(TokenFilter.caller(who), presented, Instant.now());
        return Response.noContent()
                .cookie(cookie(request, value, (int) Session.LIFE.toSeconds()))
                .build();
    }

    @DELETE
    @Operation(summary = "Sign a browser out")
    @APIResponse(responseCode = "204", description = "Signed out")
    public Response signOut(@Context HttpServerRequest request) {
        return Response.noContent().cookie(cookie(request, "", 0)).build();
    }

    private static NewCookie cookie(HttpServerRequest request, String value, int seconds) {
        return new NewCookie.Builder(Session.COOKIE)
                .value(value)
                .path("/api")
                .maxAge(seconds)
                .httpOnly(true)
                .secure(request.isSSL())
                .sameSite(NewCookie.SameSite.STRICT)
                .build();
    }
}
