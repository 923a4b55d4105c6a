package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.gallery.Tile;
import dev.palimpsest.gateway.gallery.Tiles;
import dev.palimpsest.gateway.report.Thumbnail;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What came back: representatives, their pictures, and the members that they come closest to. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}")
@Tag(name = "Gallery")
public final class GalleryResource {
    private static final Logger LOG = Logger.getLogger(GalleryResource.class);
    private static final String ITEM = "{item: [A-Za-z0-9._-]+}";
    private static final int LARGEST_SIDE = 1024;
    private static final String FORMATS = "png or jpeg; a small JPEG has a tenth of the bytes";

    private final Audits audits;
    private final GatewayStore store;

    GalleryResource(Audits audits, GatewayStore store) {
        this.audits = audits;
        this.store = store;
    }

    /**
     * A page of the gallery.
     *
     * @param next the cursor of the next page; null on the last
     * @param total of all pages
     */
    public record GalleryPage(List<Tile> tiles, @Nullable String next, int total) {}

    /** Whose pictures were looked at. */
    public record Reveal(List<String> items) {
        public Reveal {
            items = items == null ? List.of() : List.copyOf(items);
        }
    }

    /** What is kept of a reveal. */
    private record Revealed(int schemaVersion, String audit, List<String> items, Instant when) {}

    @GET
    @Path("/gallery")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "The gallery: every representative, with its picture if it became one",
            description =
                    "Sorted by 'rank' (the attack's own confidence, which never looks at a member), 'cosine' (to the nearest member)"
                            + " or 'picture' (of picture and representative).")
    public GalleryPage gallery(
            @PathParam("id") String id,
            @Parameter(description = "'next' of the page before; empty for the first page")
                    @QueryParam("cursor")
                    @DefaultValue("")
                    String cursor,
            @Parameter(description = "Tiles a page, at most 200") @QueryParam("limit") @DefaultValue("100") int limit,
            @Parameter(description = "rank, cosine or picture") @QueryParam("sort") @DefaultValue("rank") String sort,
            @Parameter(description = "Only representatives that became a picture, or will")
                    @QueryParam("pictures")
                    @DefaultValue("false")
                    boolean pictures) {
        List<Tile> tiles = Tiles.of(snapshot(id), store).list(order(sort)).stream()
                .filter(tile -> !pictures || tile.item() != null)
                .toList();
        int from = 0;
        if (!cursor.isEmpty()) {
            from = tiles.stream().map(Tile::id).toList().indexOf(cursor);
            if (from < 0) {
                throw new PalimpsestException(
                        ErrorCode.USAGE, "'" + cursor + "' is no cursor of this gallery: begin again without one");
            }
        }
        int to = Math.min(tiles.size(), from + Math.max(1, Math.min(limit, AuditsResource.LARGEST_PAGE)));
        return new GalleryPage(
                tiles.subList(from, to), to < tiles.size() ? tiles.get(to).id() : null, tiles.size());
    }

    /** The finished picture of an item, else its newest preview. */
    @GET
    @Path("/pictures/" + ITEM)
    @Produces({"image/png", "image/jpeg"})
    @Operation(summary = "A rebuilt picture; while it is being made, its newest preview")
    @APIResponse(responseCode = "200", description = "A PNG, or what 'format' asks for")
    public Response picture(
            @PathParam("id") String id,
            @PathParam("item") String item,
            @Parameter(description = "Pixels of the longer side, at most 1024; 0: as it was made")
                    @QueryParam("width")
                    @DefaultValue("0")
                    int width,
            @Parameter(description = FORMATS) @QueryParam("format") @DefaultValue("png") String format) {
        ArtifactRef ref = audits.picture(new AuditId(id), item)
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND, "Audit " + id + " has no picture '" + item + "' yet"));
        boolean asMade = width == 0 && !jpeg(format);
        return asMade ? image(store.bytes(ref), format) : small(ref, width == 0 ? LARGEST_SIDE : width, format);
    }

    /** The member's picture, decoded and encoded anew: it comes from outside. */
    @GET
    @Path("/gallery/" + ITEM + "/member")
    @Produces({"image/png", "image/jpeg"})
    @Operation(summary = "The picture of the member that a tile is closest to")
    @APIResponse(responseCode = "200", description = "A PNG, or what 'format' asks for")
    public Response member(
            @PathParam("id") String id,
            @Parameter(description = "The tile's id") @PathParam("item") String item,
            @Parameter(description = "Pixels of the longer side, at most 1024")
                    @QueryParam("width")
                    @DefaultValue("512")
                    int width,
            @Parameter(description = FORMATS) @QueryParam("format") @DefaultValue("png") String format) {
        return small(Tiles.of(snapshot(id), store).memberImage(item), width, format);
    }

    @POST
    @Path("/reveals")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Record that somebody looks at pictures",
            description =
                    "Rebuilt pictures can be personal data: clients blur them, and call this before they show them.")
    @APIResponse(responseCode = "204", description = "Recorded")
    public void reveal(@PathParam("id") String id, Reveal reveal) {
        AuditId audit = new AuditId(snapshot(id).view().id());
        if (reveal.items().isEmpty() || reveal.items().size() > 1000) {
            throw new PalimpsestException(ErrorCode.USAGE, "'items' must name from 1 to 1000 pictures");
        }
        for (String item : reveal.items()) {
            if (!item.matches("[A-Za-z0-9._-]{1,100}")) {
                throw new PalimpsestException(ErrorCode.USAGE, "'items' holds something that is no picture's name");
            }
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        var unused = store.store(
                Keys.reveal(audit, now.toEpochMilli() + "-" + UUID.randomUUID()),
                new Revealed(1, id, reveal.items(), now));
        LOG.infof("pictures of %s revealed: %s", audit, reveal.items());
    }

    private Response small(ArtifactRef ref, int width, String format) {
        int side = Math.max(16, Math.min(width, LARGEST_SIDE));
        byte[] bytes = store.bytes(ref);
        byte[] image = jpeg(format) ? Thumbnail.jpeg(bytes, side) : Thumbnail.png(bytes, side);
        if (image == null) {
            throw new PalimpsestException(ErrorCode.BAD_IMAGE, "This picture cannot be decoded here");
        }
        return image(image, format);
    }

    private static Response image(byte[] image, String format) {
        return Response.ok(image, "image/" + format)
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .build();
    }

    private static boolean jpeg(String format) {
        if (!format.equals("png") && !format.equals("jpeg")) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "There is no picture as '" + format + "': expected png or jpeg");
        }
        return format.equals("jpeg");
    }

    private static Tiles.Order order(String name) {
        try {
            return Tiles.Order.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "A gallery is not sorted by '" + name + "': expected rank, cosine or picture", e);
        }
    }

    private AuditSnapshot snapshot(String id) {
        return audits.snapshot(new AuditId(id))
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id));
    }
}
