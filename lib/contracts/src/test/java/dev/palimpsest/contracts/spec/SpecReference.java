package dev.palimpsest.contracts.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Writes the reference of a spec from its schema. */
final class SpecReference {
    private SpecReference() {}

    /**
     * A key of a spec.
     *
     * @param section path of the mapping that it is in; empty for the top
     */
    record Key(String section, String name, JsonNode schema, boolean required) {
        String path() {
            return section.isEmpty() ? name : section + "." + name;
        }

        boolean isSection() {
            return schema.has("properties");
        }

        @Override
        public String toString() {
            return path();
        }
    }

    /** All keys, each section's before those of the sections in it. */
    static List<Key> keys(JsonNode schema) {
        List<Key> keys = new ArrayList<>();
        collect("", schema, keys);
        return keys;
    }

    private static void collect(String section, JsonNode schema, List<Key> keys) {
        List<String> required = StreamSupport.stream(schema.path("required").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        List<Key> here = schema.path("properties").properties().stream()
                .map(entry -> new Key(section, entry.getKey(), entry.getValue(), required.contains(entry.getKey())))
                .toList();
        keys.addAll(here);
        here.stream().filter(Key::isSection).forEach(key -> collect(key.path(), key.schema(), keys));
    }

    static String page(JsonNode schema) {
        StringBuilder page = new StringBuilder("""
            # The spec, key by key

            Made from the schema (`lib/contracts/.../spec/audit-v1.schema.json`), which a gateway serves at `/schemas/audit-v1.json`;
            `palimpsest lint --schema` prints it. With this first line editors that know YAML complete keys and mark what is wrong:

            ```yaml
            # yaml-language-server: $schema=http://127.0.0.1:8080/schemas/audit-v1.json
            ```

            Check a spec before it is sent, and see what it will cost:

            ```
            ./palimpsest lint audit.yaml
            ./palimpsest submit audit.yaml --dry-run
            ```

            Paths are relative to the spec's folder. Addresses (`http://`, `s3://`) are refused: nothing in a spec makes a program fetch
            something.
            """);
        section(page, "At the top", schema, "", keys(schema));
        keys(schema).stream()
                .filter(Key::isSection)
                .forEach(key -> section(page, "`" + key.path() + "`", key.schema(), key.path(), keys(schema)));
        return page.toString();
    }

    private static void section(StringBuilder page, String title, JsonNode schema, String path, List<Key> keys) {
        page.append("\n## ").append(title).append("\n\n");
        page.append(schema.path("description").asText()).append("\n\n");
        page.append("| key | value | default | |\n| --- | --- | --- | --- |\n");
        keys.stream()
                .filter(key -> key.section().equals(path))
                .forEach(key -> page.append("| `")
                        .append(key.name())
                        .append("` | ")
                        .append(key.isSection() ? "keys, see below" : value(key.schema()))
                        .append(" | ")
                        .append(key.required() ? "needed" : defaultOf(key.schema()))
                        .append(" | ")
                        .append(key.schema().path("description").asText().replace("|", "\\|"))
                        .append(" |\n"));
    }

    private static String defaultOf(JsonNode schema) {
        JsonNode value = schema.path("default");
        return value.isMissingNode() ? "" : "`" + (value.isTextual() ? value.asText() : value.toString()) + "`";
    }

    private static String value(JsonNode schema) {
        if (schema.has("const")) {
            return "`" + schema.path("const").asText() + "`";
        }
        if (schema.has("enum")) {
            return StreamSupport.stream(schema.path("enum").spliterator(), false)
                    .map(word -> "`" + word.asText() + "`")
                    .reduce((a, b) -> a + ", " + b)
                    .orElse("");
        }
        return switch (schema.path("type").asText()) {
            case "integer" ->
                schema.has("minimum")
                        ? "whole number, " + schema.path("minimum").asText() + " to "
                                + schema.path("maximum").asText()
                        : "whole number";
            case "number" ->
                schema.has("exclusiveMinimum")
                        ? "number between " + schema.path("exclusiveMinimum").asText() + " and "
                                + schema.path("exclusiveMaximum").asText()
                        : "number from " + schema.path("minimum").asText() + " to "
                                + schema.path("maximum").asText();
            case "array" -> "list of texts";
            default -> schema.has("pattern") ? "path" : "text";
        };
    }
}
