package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.measure.TakenMeasures;
import dev.palimpsest.gateway.report.Report;
import dev.palimpsest.gateway.report.ReportBuilder;
import dev.palimpsest.gateway.report.ReportPage;
import dev.palimpsest.gateway.report.ReportText;
import dev.palimpsest.gateway.report.Thumbnail;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.Audits;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The report, in whatever state the audit is. */
@Path("/api/v1/audits/{id: [a-z0-9-]+}")
public final class ReportResource {
    private final Audits audits;
    private final GatewayStore store;
    private final ReportBuilder reports;
    private final ReportPage page;
    private final TakenMeasures measures;

    ReportResource(Audits audits, GatewayStore store, ReportBuilder reports, ReportPage page, TakenMeasures measures) {
        this.audits = audits;
        this.store = store;
        this.reports = reports;
        this.page = page;
        this.measures = measures;
    }

    /** One self-contained HTML file. */
    @GET
    @Path("/report")
    @Produces("text/html;charset=UTF-8")
    public Response html(@PathParam("id") String id) {
        return Response.ok(page.render(report(id, true), this::dataUri))
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .build();
    }

    /** The same as data. */
    @GET
    @Path("/report.json")
    @Produces(MediaType.APPLICATION_JSON)
    public String json(@PathParam("id") String id) throws IOException {
        return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report(id, true));
    }

    @GET
    @Path("/report.csv")
    @Produces("text/csv;charset=UTF-8")
    @Operation(summary = "The report's gallery as a table, one line a picture")
    public Response csv(@PathParam("id") String id) {
        return Response.ok(ReportText.csv(report(id, true)))
                .header("X-Content-Type-Options", "nosniff")
                .header("Content-Disposition", "attachment; filename=\"gallery.csv\"")
                .build();
    }

    @GET
    @Path("/plots")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "The numbers behind the report's plots",
            description = "What report.json has as 'plots', without reading a picture")
    public Report.Plots plots(@PathParam("id") String id) {
        AuditId audit = new AuditId(id);
        return ReportBuilder.plots(snapshot(audit), audits.curves(audit));
    }

    @GET
    @Path("/model-card.md")
    @Produces("text/markdown;charset=UTF-8")
    @Operation(summary = "A section for the head's model card, in Markdown")
    public Response modelCard(@PathParam("id") String id) {
        return Response.ok(ReportText.modelCard(report(id, false)))
                .header("X-Content-Type-Options", "nosniff")
                .build();
    }

    /** @param measured whether it is asked what each picture is worth, for which all of them have to be read */
    private Report report(String id, boolean measured) {
        AuditId audit = new AuditId(id);
        return reports.build(
                snapshot(audit),
                audits.curves(audit),
                AdviceResource.newest(audit, store).orElse(null),
                measured ? measures.of(audit) : entry -> null);
    }

    private AuditSnapshot snapshot(AuditId audit) {
        return audits.snapshot(audit)
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + audit));
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
