package dev.palimpsest.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.spec.Problem;
import dev.palimpsest.contracts.spec.SpecReader;
import dev.palimpsest.contracts.spec.SpecSchema;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Specs, before anything is spent on them. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Specs")
public final class SpecsResource {
    /** A spec to look at: a JSON object, or a text with the YAML as the person wrote it. */
    public record SpecBody(@Nullable JsonNode spec) {
        String text() {
            if (spec == null || spec.isNull()) {
                throw new PalimpsestException(ErrorCode.USAGE, "The body has no 'spec': the content of an audit.yaml");
            }
            return spec.isTextual() ? spec.asText() : spec.toString();
        }
    }

    /**
     * Everything that is wrong with a spec, in the order of its lines; empty when it can be used.
     *
     * @param spec as it was read, with its defaults; null when something is wrong
     */
    public record Lint(List<Problem> problems, @Nullable AuditSpec spec) {}

    @GET
    @Path(SpecSchema.HREF)
    @Produces("application/schema+json")
    @Operation(
            summary = "The JSON Schema of a spec",
            description = "For editors; needs no token. In a YAML file: # yaml-language-server: $schema=URL")
    public String schema() {
        return SpecSchema.json();
    }

    @POST
    @Path("api/v1/specs:lint")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Say everything that is wrong with a spec")
    public Lint lint(SpecBody body) {
        List<Problem> problems = SpecReader.lint(body.text());
        return new Lint(problems, problems.isEmpty() ? SpecReader.read(body.text(), "spec") : null);
    }
}
