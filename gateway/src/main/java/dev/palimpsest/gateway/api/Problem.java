package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import jakarta.ws.rs.core.Response;

/** The body of a refused request (RFC 9457). */
public record Problem(String type, String title, int status, String detail, String code) {
    private static final String MEDIA_TYPE = "application/problem+json";

    static Response of(PalimpsestException e) {
        int status = ErrorStatus.of(e.code());
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
}
