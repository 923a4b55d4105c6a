package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.gateway.api.ErrorStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The reference of the REST interface says what its description says. */
class RestReferenceTest {
    private static final Path DOCS = Path.of("..", "docs");

    /** After a change that is meant: {@code -Dpalimpsest.write-docs=true} writes the file. */
    @Test
    void theReferenceIsWhatTheDescriptionSays() throws IOException {
        JsonNode api = new YAMLMapper().readTree(Files.readString(DOCS.resolve("openapi.yaml")));
        String page = page(api);
        if (Boolean.getBoolean("palimpsest.write-docs")) {
            Files.writeString(DOCS.resolve("rest.md"), page);
        }
        assertThat(DOCS.resolve("rest.md")).hasContent(page);
    }

    private static String page(JsonNode api) {
        StringBuilder page = new StringBuilder("""
            # REST, operation by operation

            Made from [openapi.yaml](openapi.yaml), which a gateway serves at `/q/openapi`; bodies and answers are described there.
            """);
        page.append("\n").append(api.at("/info/description").asText()).append("\n\n");
        page.append(
                "Requests carry `Authorization: Bearer TOKEN`. The local stack's token is in `stack.json` of the home"
                        + " folder.\n");
        Map<String, StringBuilder> tags = new TreeMap<>();
        api.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    String tag = operation.getValue().path("tags").path(0).asText("Other");
                    operation(
                            tags.computeIfAbsent(tag, first -> new StringBuilder()),
                            operation.getKey(),
                            path.getKey(),
                            operation.getValue());
                }));
        tags.forEach(
                (tag, text) -> page.append("\n## ").append(tag).append("\n").append(text));
        page.append(
                "\n## Codes of problems\n\n| code | status | same request again may succeed |\n| --- | --- | --- |\n");
        for (ErrorCode code : ErrorCode.values()) {
            page.append("| `%s` | %d | %s |%n".formatted(code, ErrorStatus.of(code), code.retryable() ? "yes" : ""));
        }
        return page.toString();
    }

    private static void operation(StringBuilder page, String method, String path, JsonNode operation) {
        page.append("\n### `%s %s`%n%n".formatted(method.toUpperCase(Locale.ROOT), path));
        page.append(operation.path("summary").asText(path)).append(".");
        if (operation.has("description")) {
            page.append(" ").append(operation.path("description").asText());
        }
        page.append("\n");
        StringBuilder parameters = new StringBuilder();
        operation.path("parameters").forEach(parameter -> {
            if (!parameter.path("in").asText().equals("path")) {
                parameters.append("| `%s` | %s | %s | %s |%n"
                        .formatted(
                                parameter.path("name").asText(),
                                parameter.path("in").asText(),
                                parameter.at("/schema/default").asText(),
                                parameter.path("description").asText()));
            }
        });
        if (!parameters.isEmpty()) {
            page.append("\n| parameter | in | default | |\n| --- | --- | --- | --- |\n")
                    .append(parameters);
        }
        page.append("\n");
        operation.path("responses").properties().stream()
                .filter(response -> !response.getKey().equals("default"))
                .forEach(response -> page.append("- %s: %s%n"
                        .formatted(
                                response.getKey(),
                                response.getValue().path("description").asText("") + schema(response.getValue()))));
    }

    private static String schema(JsonNode response) {
        String ref = response.findValuesAsText("$ref").stream().findFirst().orElse("");
        return ref.isEmpty() ? "" : " (`" + ref.substring(ref.lastIndexOf('/') + 1) + "`)";
    }
}
