package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.compare.Comparer;
import dev.palimpsest.gateway.compare.Comparison;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Audits side by side. */
@Path("/api/v1/compare")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audits")
public final class CompareResource {
    private static final int MOST = 8;

    private final Audits audits;
    private final Comparer comparer;

    CompareResource(Audits audits, Comparer comparer) {
        this.audits = audits;
        this.comparer = comparer;
    }

    @GET
    @Operation(
            summary = "Compare two to eight audits",
            description =
                    "Where their specs differ, their numbers with 95 % intervals of the difference to the first, and their galleries"
                            + " side by side.")
    public Comparison compare(
            @Parameter(description = "An audit's id; give it again for each, the one to compare with first")
                    @QueryParam("audit")
                    List<String> ids) {
        if (ids.size() < 2 || ids.size() > MOST) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "Expected two to " + MOST + " audits, as in ?audit=a1&audit=a2, found " + ids.size());
        }
        return comparer.compare(ids.stream()
                .map(id -> audits.snapshot(new AuditId(id))
                        .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id)))
                .toList());
    }
}
