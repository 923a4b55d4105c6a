package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.control.Controller;
import dev.palimpsest.gateway.view.AuditLine;
import dev.palimpsest.gateway.view.AuditPage;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.CurveView;
import dev.palimpsest.gateway.view.State;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Audits: submit, look, follow, and what an owner may ask of one. */
@Path("/api/v1/audits")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audits")
public final class AuditsResource {
    static final int LARGEST_PAGE = 200;
    private static final String ID = "{id: [a-z0-9-]+}";

    private final Submitter submitter;
    private final Audits audits;
    private final Controller controller;

    AuditsResource(Submitter submitter, Audits audits, Controller controller) {
        this.submitter = submitter;
        this.audits = audits;
        this.controller = controller;
    }

    /** What was accepted, and how many units of work were announced again, if any. */
    public record Accepted(String id, int units) {}

    /** 202 with the audit's address. The body is read by {@link Submission}. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Submit an audit",
            description =
                    "The files that the spec names are uploaded first and given by reference. The same Idempotency-Key is the same"
                            + " audit; used for another submission it is refused with CONFLICT.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Submission.Body.class)))
    @APIResponse(
            responseCode = "202",
            description = "Accepted; Location is the audit's address",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    @APIResponse(responseCode = "409", description = "The key was used for something else")
    @APIResponse(
            responseCode = "422",
            description = "The spec or the files cannot be used; the detail lists every problem")
    @APIResponse(responseCode = "429", description = "Too much at once; Retry-After says when to come again")
    public Response submit(
            @Parameter(description = "Chosen by the client; without one every call is a new audit")
                    @HeaderParam("Idempotency-Key")
                    @Nullable
                    String key,
            @Context SecurityContext who,
            InputStream body)
            throws IOException {
        AuditId id = submitter.submit(TokenFilter.caller(who).tenant(), key, body);
        return Response.accepted(new Accepted(id.value(), 0))
                .location(URI.create("/api/v1/audits/" + id))
                .build();
    }

    /** A page of audits, the newest first. */
    @GET
    @Operation(summary = "List audits, the newest first")
    public AuditPage list(
            @Parameter(description = "'next' of the page before; empty for the first page")
                    @QueryParam("cursor")
                    @DefaultValue("")
                    String cursor,
            @Parameter(description = "Lines a page, at most 200") @QueryParam("limit") @DefaultValue("50") int limit,
            @Parameter(description = "Only audits in this state") @QueryParam("state") @DefaultValue("") String state,
            @Parameter(description = "Only audits with this grade, A to E") @QueryParam("grade") @DefaultValue("")
                    String grade,
            @Parameter(description = "Only audits whose name or id contains this text")
                    @QueryParam("q")
                    @DefaultValue("")
                    String text,
            @Context SecurityContext who) {
        require("state", state, Stream.of(State.values()).map(State::id).toList());
        require("grade", grade, List.of("A", "B", "C", "D", "E"));
        String part = text.toLowerCase(Locale.ROOT);
        Caller caller = TokenFilter.caller(who);
        Predicate<AuditLine> wanted = line -> caller.sees(audits.tenant(line.id()))
                && (state.isEmpty() || line.state().id().equals(state))
                && (grade.isEmpty() || grade.equals(line.grade()))
                && (part.isEmpty()
                        || line.name().toLowerCase(Locale.ROOT).contains(part)
                        || line.id().contains(part));
        return audits.page(cursor, Math.max(1, Math.min(limit, LARGEST_PAGE)), wanted);
    }

    /** A word that nothing can have would look like a list without audits. */
    private static void require(String what, String given, List<String> known) {
        if (!given.isEmpty() && !known.contains(given)) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "There is no " + what + " '" + given + "': expected one of " + String.join(", ", known));
        }
    }

    @GET
    @Path(ID)
    @Operation(summary = "One audit: its state, stages, verdict and pictures")
    public AuditView get(@PathParam("id") String id) {
        return view(id);
    }

    /**
     * Server-sent events named {@code audit}, each with the whole view as data and its version as id: the view as it is at once,
     * then after every change, until the audit has ended. A slow client misses views between, never the newest.
     */
    @GET
    @Path(ID + "/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @NonBlocking
    @Operation(
            summary = "Follow an audit",
            description =
                    "Server-sent events named 'audit': the view as it is, then the view after every change, until the audit has"
                            + " ended. The event's id is the view's version; with Last-Event-ID a view that was seen is not sent again.")
    @APIResponse(
            responseCode = "200",
            description = "Views",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(implementation = AuditView.class)))
    public void events(
            @PathParam("id") String id,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
            @Context SseEventSink sink,
            @Context Sse sse) {
        view(id);
        ViewStream.open(audits, new AuditId(id), lastEventId, sink, sse);
    }

    @GET
    @Path(ID + "/curves")
    @Operation(
            summary = "How loss, accuracy and other figures went",
            description = "At most 64 points a curve, thinned evenly")
    public List<CurveView> curves(@PathParam("id") String id) {
        view(id);
        return audits.curves(new AuditId(id));
    }

    /** Asks every stage to stop working on the audit; 202. */
    @POST
    @Path(ID + ":cancel")
    @Operation(summary = "Cancel an audit; ':retry' takes it up again")
    @APIResponse(
            responseCode = "202",
            description = "Every stage stops within one unit",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response cancel(@PathParam("id") String id) {
        controller.cancel(new AuditId(id));
        return accepted(id, 0);
    }

    @POST
    @Path(ID + ":pause")
    @Operation(summary = "Pause an audit")
    @APIResponse(
            responseCode = "202",
            description = "Every stage stops within one unit; what was computed is kept",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response pause(@PathParam("id") String id) {
        controller.pause(new AuditId(id));
        return accepted(id, 0);
    }

    @POST
    @Path(ID + ":resume")
    @Operation(summary = "Let a paused audit go on")
    @APIResponse(
            responseCode = "202",
            description = "'units' units go on",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response resume(@PathParam("id") String id) {
        return accepted(id, controller.resume(new AuditId(id)));
    }

    @POST
    @Path(ID + ":retry")
    @Operation(
            summary = "Do again what failed or was cancelled",
            description =
                    "What has a result is kept. Dead letters of the units that are tried again count as replayed.")
    @APIResponse(
            responseCode = "202",
            description = "'units' units are tried again",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response retry(
            @PathParam("id") String id,
            @Parameter(description = "embed, reconstruct, select or invert: leave what is open in earlier stages alone")
                    @QueryParam("from")
                    @DefaultValue("")
                    String from) {
        return accepted(id, controller.retry(new AuditId(id), from.isEmpty() ? null : stage(from)));
    }

    /** The stage of this name. */
    static Stage stage(String name) {
        return Arrays.stream(Stage.values())
                .filter(stage -> stage.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.USAGE,
                        "There is no stage '" + name + "': expected embed, reconstruct, select or invert"));
    }

    private static Response accepted(String id, int units) {
        return Response.accepted(new Accepted(id, units)).build();
    }

    private AuditView view(String id) {
        return audits.view(new AuditId(id))
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id));
    }
}
