package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.letters.DeadLetter;
import dev.palimpsest.gateway.letters.DeadLetterBox;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Records that no stage could handle. */
@Path("/api/v1/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dead letters")
public final class DeadLettersResource {
    private static final String ID = "{id: [a-z0-9-]+}";

    private final DeadLetterBox letters;

    DeadLettersResource(DeadLetterBox letters) {
        this.letters = letters;
    }

    /**
     * A page of dead letters.
     *
     * @param next the cursor of the next page; null on the last
     * @param total of all pages
     */
    public record LetterPage(
            List<DeadLetter> letters, @Nullable String next, int total) {}

    /**
     * A letter with what it holds.
     *
     * @param payload the record's value, at most its first 64 KiB
     */
    public record LetterContent(DeadLetter letter, String payload) {}

    @GET
    @Operation(summary = "List dead letters, the newest first")
    public LetterPage list(
            @Parameter(description = "'next' of the page before; empty for the first page")
                    @QueryParam("cursor")
                    @DefaultValue("")
                    String cursor,
            @Parameter(description = "Letters a page, at most 200") @QueryParam("limit") @DefaultValue("50") int limit,
            @Parameter(description = "Only those of this audit") @QueryParam("audit") @DefaultValue("") String audit,
            @Parameter(description = "Only those of this stage") @QueryParam("stage") @DefaultValue("") String stage,
            @Parameter(description = "open, replayed or dropped; empty for all") @QueryParam("state") @DefaultValue("")
                    String state) {
        List<DeadLetter> all = letters.list(letter -> (audit.isEmpty() || audit.equals(letter.audit()))
                && (stage.isEmpty() || letter.stage() == AuditsResource.stage(stage))
                && (state.isEmpty() || state.equals(letter.state())));
        int from = 0;
        if (!cursor.isEmpty()) {
            from = all.stream().map(DeadLetter::id).toList().indexOf(cursor);
            if (from < 0) {
                throw new PalimpsestException(
                        ErrorCode.USAGE, "'" + cursor + "' is no cursor of this list: list again from the beginning");
            }
        }
        int to = Math.min(all.size(), from + Math.max(1, Math.min(limit, AuditsResource.LARGEST_PAGE)));
        return new LetterPage(
                all.subList(from, to), to < all.size() ? all.get(to).id() : null, all.size());
    }

    @GET
    @Path(ID)
    @Operation(summary = "One dead letter with what it holds")
    public LetterContent get(@PathParam("id") String id) {
        DeadLetter letter = letters.get(id);
        return new LetterContent(letter, letters.payload(letter));
    }

    @POST
    @Path(ID + ":replay")
    @Operation(
            summary = "Send the record to its stage again",
            description =
                    "Replaying a letter twice sends it once. A record that fails again comes back as a new letter.")
    public DeadLetter replay(@PathParam("id") String id) {
        return letters.replay(id);
    }

    @POST
    @Path(ID + ":drop")
    @Operation(summary = "Give the record up")
    public DeadLetter drop(@PathParam("id") String id) {
        return letters.drop(id);
    }
}
