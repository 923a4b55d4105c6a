package dev.palimpsest.gateway.api;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;

/** What the description of the REST interface says of all operations alike. */
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Palimpsest",
                        version = "v1",
                        description =
                                "Audits of classifier heads. Every refusal is a problem (RFC 9457) with a stable 'code'; one with"
                                        + " Retry-After can be sent again as it is. Lists are paged by cursors: give 'next' of a page to get the"
                                        + " one after it. Fields and operations may be added within a version; clients pass over what they do not"
                                        + " know."),
        security = @SecurityRequirement(name = "token"))
@SecurityScheme(securitySchemeName = "token", type = SecuritySchemeType.HTTP, scheme = "bearer")
public final class Description implements OASFilter {
    @Override
    public void filterOpenAPI(OpenAPI api) {
        api.getComponents().addSchema("Problem", problem());
        api.getPaths()
                .getPathItems()
                .values()
                .forEach(path -> path.getOperations().values().forEach(Description::mayFail));
    }

    private static void mayFail(Operation operation) {
        operation
                .getResponses()
                .addAPIResponse(
                        "default",
                        OASFactory.createAPIResponse()
                                .description("A problem")
                                .content(OASFactory.createContent()
                                        .addMediaType(
                                                "application/problem+json",
                                                OASFactory.createMediaType()
                                                        .schema(OASFactory.createSchema()
                                                                .ref("#/components/schemas/Problem")))));
    }

    /** As {@link Problem} is written. */
    private static Schema problem() {
        Schema schema = OASFactory.createSchema().addType(Schema.SchemaType.OBJECT);
        schema.addProperty("type", text("about:blank"));
        schema.addProperty("title", text("The status in words"));
        schema.addProperty("status", OASFactory.createSchema().addType(Schema.SchemaType.INTEGER));
        schema.addProperty("detail", text("What was wrong, where, what was expected, what to do"));
        schema.addProperty("code", text("Stable; see docs/rest.md for all"));
        return schema;
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
