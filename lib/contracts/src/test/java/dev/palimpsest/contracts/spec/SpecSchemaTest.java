package dev.palimpsest.contracts.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON Schema says of every key what {@link SpecReader} does with it, and the reference says what the schema says. */
class SpecSchemaTest {
    private static final Path REFERENCE = Path.of("..", "..", "docs", "spec.md");

    static Stream<SpecReference.Key> keys() throws IOException {
        return SpecReference.keys(schema()).stream();
    }

    private static JsonNode schema() throws IOException {
        return Json.mapper().readTree(SpecSchema.json());
    }

    /** After a change that is meant: {@code -Dpalimpsest.write-docs=true} writes the file. */
    @Test
    void theReferenceIsWhatTheSchemaSays() throws IOException {
        String page = SpecReference.page(schema());
        if (Boolean.getBoolean("palimpsest.write-docs")) {
            Files.writeString(REFERENCE, page);
        }
        assertThat(REFERENCE).hasContent(page);
    }

    @Test
    void bothKnowTheSameKeys() throws IOException {
        for (String section : List.of(
                "",
                "target",
                "target.train",
                "target.train.defence",
                "knowledge",
                "reconstruct",
                "select",
                "invert",
                "budget")) {
            ObjectNode spec = specWith(section);
            at(spec, section).put("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", 1);
            String known = SpecReader.lint(spec.toString()).stream()
                    .map(Problem::text)
                    .filter(text -> text.startsWith("unknown key; known here: "))
                    .findFirst()
                    .orElseThrow();
            List<String> expected = keys().filter(key -> key.section().equals(section))
                    .map(SpecReference.Key::name)
                    .toList();
            assertThat(new TreeSet<>(Arrays.asList(known.replaceAll("^.*: ", "").split(", "))))
                    .as(section)
                    .isEqualTo(new TreeSet<>(expected));
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    void rangesAndWordsAreTheSame(SpecReference.Key key) {
        JsonNode schema = key.schema();
        List<String> good = new ArrayList<>();
        List<String> bad = new ArrayList<>();
        boolean whole = schema.path("type").asText().equals("integer");
        if (schema.has("minimum")) {
            BigDecimal least = schema.path("minimum").decimalValue();
            good.add(least.toPlainString());
            bad.add(least.subtract(BigDecimal.ONE).toPlainString());
        }
        if (schema.has("maximum")) {
            BigDecimal most = schema.path("maximum").decimalValue();
            good.add(most.toPlainString());
            bad.add(most.add(BigDecimal.ONE).toPlainString());
        }
        if (schema.has("exclusiveMinimum")) {
            bad.add(schema.path("exclusiveMinimum").asText());
            bad.add(schema.path("exclusiveMaximum").asText());
            good.add("0.5");
        }
        if (whole) {
            bad.add("1.5");
            bad.add("\"two\"");
        }
        schema.path("enum").forEach(word -> good.add(word.toString()));
        if (schema.has("enum")) {
            bad.add("\"xxxxxxxx\"");
        }
        if (schema.has("pattern")) {
            good.add("\"folder/file\"");
            bad.add("\"http://169.254.169.254/x\"");
        }
        if (schema.has("const")) {
            good.add(schema.path("const").toString());
            bad.add("\"palimpsest/v0\"");
        }
        good.forEach(value ->
                assertThat(problemsOf(key, value)).as(key + ": " + value).isEmpty());
        bad.forEach(value ->
                assertThat(problemsOf(key, value)).as(key + ": " + value).isNotEmpty());
    }

    @Test
    void defaultsAreTheSame() throws IOException {
        String minimal =
                "{apiVersion: palimpsest/v1, name: n, backbone: b, target: {train: {dataset: photos}}, reconstruct:"
                        + " {}}";
        JsonNode read = Json.mapper().valueToTree(SpecReader.read(minimal, "test"));
        keys().filter(key -> key.schema().has("default"))
                .forEach(key -> assertThat(at(read, key.path()).asText())
                        .as(key.path())
                        .isEqualTo(key.schema().path("default").asText()));
        assertThat(keys().filter(key -> key.schema().has("default")).count()).isGreaterThan(15);
    }

    /** Problems of a spec that is good but for this value. */
    private static List<Problem> problemsOf(SpecReference.Key key, String value) {
        ObjectNode spec = specWith(key.path());
        try {
            ObjectNode section = at(spec, key.section());
            if (key.path().equals("knowledge.controls")) {
                section.put("members", "m.safetensors");
            }
            section.set(key.name(), Json.mapper().readTree(value));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (key.name().equals("preset") && key.section().equals("target.train")) {
            at(spec, "target.train").put("dataset", "photos");
        }
        return SpecReader.lint(spec.toString()).stream()
                .filter(problem -> problem.path().equals(key.path()))
                .toList();
    }

    /** A good spec with the sections on the way to a path. */
    private static ObjectNode specWith(String path) {
        ObjectNode spec = Json.mapper().createObjectNode();
        spec.put("apiVersion", "palimpsest/v1").put("name", "n").put("backbone", "b");
        if (path.startsWith("target.train")) {
            spec.putObject("target").putObject("train").put("dataset", "photos");
        } else {
            spec.putObject("target").put("head", "h.safetensors");
        }
        if (path.startsWith("target.train.defence")) {
            at(spec, "target.train").putObject("defence");
        }
        if (path.startsWith("knowledge")) {
            spec.putObject("knowledge").put("members", "m.safetensors");
        }
        for (String section : List.of("reconstruct", "select", "invert", "budget")) {
            if (path.startsWith(section)) {
                spec.putObject(section);
            }
        }
        return spec;
    }

    private static ObjectNode at(ObjectNode spec, String section) {
        return section.isEmpty() ? spec : (ObjectNode) at((JsonNode) spec, section);
    }

    private static JsonNode at(JsonNode node, String path) {
        return node.at("/" + path.replace('.', '/'));
    }
}
