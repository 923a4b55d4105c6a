package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.verify.Verification;
import dev.palimpsest.gateway.verify.Verifier;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Whether an audit's objects are still what they were. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}:verify")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audits")
public final class VerifyResource {
    private final Audits audits;
    private final Verifier verifier;

    VerifyResource(Audits audits, Verifier verifier) {
        this.audits = audits;
        this.verifier = verifier;
    }

    @POST
    @Operation(
            summary = "Compare every object of an audit with its digest",
            description =
                    "Reads all that the audit stored and all that its documents refer to: backbone, head, members,"
                            + " candidates, pictures. Nothing is changed.")
    public Verification verify(@PathParam("id") String id) {
        AuditId audit = new AuditId(id);
        audits.erasure(audit).ifPresent(erasure -> {
            throw Audits.erased(erasure);
        });
        if (audits.view(audit).isEmpty()) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id);
        }
        return verifier.verify(audit);
    }
}
