package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import jakarta.ws.rs.core.Response;

/** The body of a refused request (RFC 9457). */
public record Problem(String type, String title, int status, String detail, String code) {
    private static final String MEDIA_TYPE = "application/problem+json";

    static Response of(PalimpsestException e) {
        int status = status(e.code());
        Response.ResponseBuilder response = builder(status, e.code(), String.valueOf(e.getMessage()));
        return e.retryable() ? response.header("Retry-After", 5).build() : response.build();
    }

    static Response.ResponseBuilder builder(int status, ErrorCode code, String detail) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "Error" : known.getReasonPhrase();
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title, status, detail, code.name()));
    }

    private static int status(ErrorCode code) {
        return switch (code) {
            case USAGE, BAD_MESSAGE -> 400;
            case NOT_FOUND -> 404;
            case CONFLICT, IN_USE -> 409;
            case BAD_SPEC, BAD_DATA, BAD_FILE, BAD_IMAGE, SHAPE_MISMATCH, NOT_FINITE, NOT_ATTACKABLE, DIGEST_MISMATCH ->
                422;
            case STORE_UNAVAILABLE, BROKER_UNAVAILABLE -> 503;
            case NO_SPACE, NO_MEMORY -> 507;
            case INTERNAL -> 500;
        };
    }
}
