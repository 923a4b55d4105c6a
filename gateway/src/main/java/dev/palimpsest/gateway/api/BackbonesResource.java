package dev.palimpsest.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditLine;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.BackboneUse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The backbones that audits use, as their files were uploaded. */
@Path("/api/v1/backbones")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Backbones")
public final class BackbonesResource {
    private final Audits audits;
    private final GatewayStore store;

    BackbonesResource(Audits audits, GatewayStore store) {
        this.audits = audits;
        this.store = store;
    }

    /**
     * One backbone.
     *
     * @param name as specs call it
     * @param family model_type of config.json; empty when that has none
     * @param bytes of all files
     * @param audits that use it, of which {@code leaking} have a grade below A
     * @param lastUsed when the newest of them was requested
     */
    public record BackboneLine(
            String name,
            String family,
            long bytes,
            List<BackboneFile> files,
            int audits,
            int leaking,
            @Nullable Instant lastUsed) {}

    public record BackboneFile(String name, String sha256, long bytes) {}

    /** All of them; a gateway has few. */
    public record BackboneList(List<BackboneLine> backbones) {}

    @GET
    @Operation(summary = "List the backbones that audits use, the one used last first")
    public BackboneList list(@Context SecurityContext who) {
        Caller caller = TokenFilter.caller(who);
        List<BackboneLine> lines = new ArrayList<>();
        audits.backbones().forEach((use, users) -> {
            List<AuditLine> seen = users.stream()
                    .filter(audit -> caller.sees(audits.tenant(audit.id())))
                    .toList();
            if (!seen.isEmpty()) {
                lines.add(line(use, seen));
            }
        });
        return new BackboneList(lines);
    }

    private BackboneLine line(BackboneUse use, List<AuditLine> users) {
        return new BackboneLine(
                use.name(),
                family(use.files().get("config.json")),
                use.files().values().stream().mapToLong(ArtifactRef::bytes).sum(),
                new TreeMap<>(use.files())
                        .entrySet().stream()
                                .map(file -> new BackboneFile(
                                        file.getKey(),
                                        file.getValue().sha256(),
                                        file.getValue().bytes()))
                                .toList(),
                users.size(),
                (int) users.stream()
                        .filter(audit -> audit.grade() != null && !audit.grade().equals("A"))
                        .count(),
                users.get(0).requested());
    }

    /** A file that cannot be read does not cost the list. */
    private String family(@Nullable ArtifactRef config) {
        try {
            return config == null
                    ? ""
                    : store.read(config, JsonNode.class).path("model_type").asText("");
        } catch (PalimpsestException e) {
            if (e.retryable()) {
                throw e;
            }
            return "";
        }
    }
}
