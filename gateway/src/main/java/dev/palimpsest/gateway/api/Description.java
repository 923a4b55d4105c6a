package dev.palimpsest.gateway.api;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** What the description of the REST interface says of all operations alike. */
public final class Description implements OASFilter {
    private static final String ABOUT =
            "Audits of classifier heads. Every refusal is a problem (RFC 9457) with a stable 'code'; one with"
                    + " Retry-After can be sent again as it is. Lists are paged by cursors: give 'next' of a page to get"
                    + " the one after it. Fields and operations may be added within a version; clients pass over what they"
                    + " do not know.";

    @Override
    public void filterOpenAPI(OpenAPI api) {
        api.getInfo().title("Palimpsest").version("v1").description(ABOUT);
        api.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme("token"));
        api.getComponents()
                .addSchema("Problem", problem())
                .addSecurityScheme(
                        "token",
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer"));
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
