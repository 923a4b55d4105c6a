package dev.palimpsest.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RequiredFields;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What defences do to an audit's head: what is needed to train it again, and what was measured. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audits")
public final class AdviceResource {
    private static final int LARGEST = 1 << 18;

    private final Audits audits;
    private final GatewayStore store;

    AdviceResource(Audits audits, GatewayStore store) {
        this.audits = audits;
        this.store = store;
    }

    @GET
    @Path("/request")
    @Operation(
            summary = "What was submitted: the spec, and the references of its files",
            description = "Enough to submit the same or a changed audit again without having the files.")
    public AuditRequest request(@PathParam("id") String id) {
        AuditSnapshot snapshot = snapshot(id);
        if (snapshot.request() == null) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "The request of audit " + id + " was not read yet");
        }
        return store.read(snapshot.request(), AuditRequest.class);
    }

    @POST
    @Path("/advice")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Keep what defences did to the audit's head",
            description = "'palimpsest advise' measures it; the audit's report shows the newest.")
    @RequestBody(content = @Content(schema = @Schema(implementation = DefenceAdvice.class)))
    @APIResponse(responseCode = "204", description = "Kept")
    public void keep(@PathParam("id") String id, @Nullable JsonNode body) throws IOException {
        snapshot(id);
        JsonNode given = body == null ? MissingNode.getInstance() : body;
        Optional<String> missing = RequiredFields.firstMissing(given, DefenceAdvice.class, "advice");
        if (missing.isPresent() || given.toString().length() > LARGEST) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    missing.isPresent()
                            ? "The advice has no " + missing.get()
                                    + ": send what 'palimpsest advise --output json' prints"
                            : "The advice is larger than " + LARGEST + " characters");
        }
        DefenceAdvice advice = Json.mapper().treeToValue(given, DefenceAdvice.class);
        String digest = Digests.sha256(Json.mapper().writeValueAsBytes(advice));
        store.store(Keys.advice(new AuditId(id)) + digest + ".json", advice);
    }

    /** What was measured last. */
    static Optional<DefenceAdvice> newest(AuditId audit, GatewayStore store) {
        return store.list(Keys.advice(audit)).stream()
                .flatMap(key -> store.find(key).stream())
                .map(ref -> store.read(ref, DefenceAdvice.class))
                .max(Comparator.comparing(DefenceAdvice::measured));
    }

    private AuditSnapshot snapshot(String id) {
        return audits.snapshot(new AuditId(id))
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id));
    }
}
