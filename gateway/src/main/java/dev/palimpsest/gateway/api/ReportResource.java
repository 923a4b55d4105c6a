package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.report.Report;
import dev.palimpsest.gateway.report.ReportBuilder;
import dev.palimpsest.gateway.report.ReportPage;
import dev.palimpsest.gateway.report.Thumbnail;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The report, in whatever state the audit is. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}")
public final class ReportResource {
    private final Audits audits;
    private final GatewayStore store;
    private final ReportBuilder reports;
    private final ReportPage page;

    ReportResource(Audits audits, GatewayStore store, ReportBuilder reports, ReportPage page) {
        this.audits = audits;
        this.store = store;
        this.reports = reports;
        this.page = page;
    }

    /** One self-contained HTML file. */
    @GET
    @Path("/report")
    @Produces("text/html;charset=UTF-8")
    public Response html(@PathParam("id") String id) {
        return Response.ok(page.render(report(id), this::dataUri))
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .build();
    }

    /** The same as data. */
    @GET
    @Path("/report.json")
    @Produces(MediaType.APPLICATION_JSON)
    public String json(@PathParam("id") String id) throws IOException {
        return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report(id));
    }

    private Report report(String id) {
        return reports.build(audits.snapshot(new AuditId(id))
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + id)));
    }

    /** One picture that cannot be read does not cost the report. */
    private @Nullable String dataUri(ArtifactRef ref) {
        try {
            return Thumbnail.dataUri(store.bytes(ref));
        } catch (PalimpsestException e) {
            if (e.retryable()) {
                throw e;
            }
            return null;
        }
    }
}
