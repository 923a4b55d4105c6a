package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Erasure;
import dev.palimpsest.gateway.control.Eraser;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Deletes what an audit left. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}:erase")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audits")
public final class EraseResource {
    private final Eraser eraser;

    EraseResource(Eraser eraser) {
        this.eraser = eraser;
    }

    @POST
    @Operation(
            summary = "Erase an audit that has ended",
            description =
                    "Deletes its members, candidates, pictures and report, and the uploads that no other audit uses; files of the"
                            + " backbone stay. What is left says when it was erased and who asked. Erasing it again changes nothing.")
    @APIResponse(responseCode = "200", description = "Nothing of it is left but this")
    @APIResponse(responseCode = "409", description = "It has not ended: wait, or cancel it first")
    public Erasure erase(@PathParam("id") String id, @Context SecurityContext caller) {
        return eraser.erase(new AuditId(id), TokenFilter.caller(caller).getName());
    }
}
