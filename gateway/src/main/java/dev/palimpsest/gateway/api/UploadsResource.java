package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.store.GatewayStore;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Takes input files, named by their content: uploading a file that is there already costs nothing. */
@Path("/api/v1/uploads/{area}/{sha256}")
@Tag(name = "Uploads")
public final class UploadsResource {
    private final GatewayStore store;

    UploadsResource(GatewayStore store) {
        this.store = store;
    }

    /** 200 when the content is there, else 404. */
    @HEAD
    @Operation(summary = "Whether a file is there already", description = "200 when it is, else 404")
    public Response exists(@PathParam("area") String area, @PathParam("sha256") String sha256) {
        Optional<ArtifactRef> ref = store.upload(area(area), digest(sha256));
        return Response.status(ref.isPresent() ? 200 : 404).build();
    }

    /** Stores the body if its digest is the one in the address. */
    @PUT
    @Operation(
            summary = "Upload a file under the SHA-256 of its content",
            description =
                    "'area' is backbones, targets or knowledge: who may read it. A file that is there already costs"
                            + " nothing.")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @Produces(MediaType.APPLICATION_JSON)
    public ArtifactRef put(@PathParam("area") String area, @PathParam("sha256") String sha256, InputStream body)
            throws IOException {
        return store.upload(area(area), digest(sha256), body);
    }

    private static Keys.Area area(String name) {
        return Arrays.stream(Keys.Area.values())
                .filter(area -> area.prefix().equals(name))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        "No upload area '" + name + "': expected backbones, targets or knowledge"));
    }

    private static String digest(String sha256) {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "The address must end in the content's SHA-256: 64 lower-case hexadecimal digits");
        }
        return sha256;
    }
}
