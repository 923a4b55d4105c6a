package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.Audits;
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
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Audits: submit, look, follow, cancel. */
@Path("/api/v1/audits")
@Produces(MediaType.APPLICATION_JSON)
public final class AuditsResource {
    private static final int LARGEST_PAGE = 200;

    private final Submitter submitter;
    private final Audits audits;
    private final GatewayStore store;
    private final Announcer announcer;

    AuditsResource(Submitter submitter, Audits audits, GatewayStore store, Announcer announcer) {
        this.submitter = submitter;
        this.audits = audits;
        this.store = store;
        this.announcer = announcer;
    }

    /** 202 with the audit's address. The body is read by {@link Submission}. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response submit(@HeaderParam("Idempotency-Key") @Nullable String key, InputStream body) throws IOException {
        AuditId id = submitter.submit(key, body);
        return Response.accepted(Map.of("id", id.value()))
                .location(URI.create("/api/v1/audits/" + id))
                .build();
    }

    /**
     * A page of audits, the newest first.
     *
     * @param cursor {@code next} of the page before; empty for the first page
     */
    @GET
    public Page list(
            @QueryParam("cursor") @DefaultValue("") String cursor, @QueryParam("limit") @DefaultValue("50") int limit) {
        List<AuditView> all = audits.list();
        int from = 0;
        if (!cursor.isEmpty()) {
            List<String> ids = all.stream().map(AuditView::id).toList();
            from = ids.indexOf(new AuditId(cursor).value());
            if (from < 0) {
                throw new PalimpsestException(ErrorCode.NOT_FOUND, "No audit at the cursor " + cursor + ": list again");
            }
        }
        int to = Math.min(all.size(), from + Math.max(1, Math.min(limit, LARGEST_PAGE)));
        return new Page(
                all.subList(from, to).stream().map(Line::of).toList(),
                to < all.size() ? all.get(to).id() : null);
    }

    @GET
    @Path("/{id: [a-z0-9-]+}")
    public AuditView get(@PathParam("id") String id) {
        return view(id);
    }

    /**
     * Server-sent events named {@code audit}, each with the whole view as data and its version as id: the view as it is at once,
     * then after every change, until the audit has ended. A slow client misses views between, never the newest.
     */
    @GET
    @Path("/{id: [a-z0-9-]+}/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @NonBlocking
    public void events(
            @PathParam("id") String id,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
            @Context SseEventSink sink,
            @Context Sse sse) {
        view(id);
        ViewStream.open(audits, new AuditId(id), lastEventId, sink, sse);
    }

    /** Asks every stage to stop working on the audit; 202. */
    @POST
    @Path("/{id: [a-z0-9-]+}:cancel")
    public Response cancel(@PathParam("id") String id) {
        State state = view(id).state();
        if (state == State.DONE || state == State.FAILED) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT, "Audit " + id + " is " + state.id() + " already: nothing is left to cancel");
        }
        announcer.announce(new AuditControl(new AuditId(id), AuditControl.Action.CANCEL));
        return Response.accepted(Map.of("id", id)).build();
    }

    /** The finished picture of an item, else its newest preview. */
    @GET
    @Path("/{id: [a-z0-9-]+}/pictures/{item: [A-Za-z0-9._-]+}")
    @Produces("image/png")
    public Response picture(@PathParam("id") String id, @PathParam("item") String item) {
        view(id);
        ArtifactRef ref = audits.picture(new AuditId(id), item)
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND, "Audit " + id + " has no picture '" + item + "' yet"));
        return Response.ok(store.bytes(ref), "image/png")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .build();
    }

    private AuditView view(String id) {
        return audits.view(new AuditId(id))
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id));
    }

    /**
     * A page of the list.
     *
     * @param next the cursor of the next page; null on the last
     */
    public record Page(List<Line> audits, @Nullable String next) {}

    /** One audit in the list. */
    public record Line(
            String id,
            String name,
            State state,
            @Nullable Instant requested,
            @Nullable String grade,
            int pictures,
            int expectedPictures) {
        static Line of(AuditView view) {
            return new Line(
                    view.id(),
                    view.name(),
                    view.state(),
                    view.requested(),
                    view.verdict() == null ? null : view.verdict().grade(),
                    view.pictures().size(),
                    view.expectedPictures());
        }
    }
}
