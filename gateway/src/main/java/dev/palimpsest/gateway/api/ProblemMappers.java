package dev.palimpsest.gateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever a resource throws into a {@link Problem}. */
public final class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    public Response ours(PalimpsestException e) {
        if (e.code() == ErrorCode.INTERNAL) {
            LOG.error(e.getMessage(), e);
        }
        return Problem.of(e);
    }

    @ServerExceptionMapper
    public Response json(JsonProcessingException e) {
        return Problem.builder(
                        400, ErrorCode.USAGE, "The body is not the JSON that was expected: " + e.getOriginalMessage())
                .build();
    }

    @ServerExceptionMapper
    public Response disk(IOException e) {
        if (NoSpace.isIn(e)) {
            return Problem.of(new PalimpsestException(
                    ErrorCode.NO_SPACE,
                    "The gateway has no space left for what it receives, in %s: free some and send it again; nothing stored is lost"
                            .formatted(System.getProperty("java.io.tmpdir")),
                    e));
        }
        LOG.error("A request failed", e);
        return Problem.builder(500, ErrorCode.INTERNAL, "A defect of Palimpsest; the gateway's log has the details")
                .build();
    }

    @ServerExceptionMapper
    public Response http(WebApplicationException e) {
        int status = e.getResponse().getStatus();
        ErrorCode code = status == 404 ? ErrorCode.NOT_FOUND : status >= 500 ? ErrorCode.INTERNAL : ErrorCode.USAGE;
        return Problem.builder(status, code, "The request cannot be served: " + e.getMessage())
                .build();
    }

    @ServerExceptionMapper
    public Response unexpected(RuntimeException e) {
        LOG.error("A request failed", e);
        return Problem.builder(500, ErrorCode.INTERNAL, "A defect of Palimpsest; the gateway's log has the details")
                .build();
    }
}
