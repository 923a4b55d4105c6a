package dev.palimpsest.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;

/** Reads manifests: single files always, whole overlays where there is a {@code kubectl} to render them. */
final class Manifests {
    static final List<String> OVERLAYS = List.of("dev", "cpu", "prod-gpu");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Map<String, List<JsonNode>> RENDERED = new ConcurrentHashMap<>();

    private Manifests() {}

    static Path folder() {
        return Path.of(System.getProperty("palimpsest.repo")).resolve("k8s");
    }

    /** The objects of one file below {@code k8s/}. */
    static List<JsonNode> file(String path) throws IOException {
        return documents(Files.readAllBytes(folder().resolve(path)));
    }

    /** What would be applied; skips the calling test where no kubectl is installed. */
    static List<JsonNode> overlay(String name) {
        return RENDERED.computeIfAbsent(name, Manifests::render);
    }

    static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> kind.equals(text(object, "/kind")))
                .toList();
    }

    static String name(JsonNode object) {
        return text(object, "/metadata/name");
    }

    static String text(JsonNode object, String pointer) {
        return object.at(pointer).asText();
    }

    static Stream<JsonNode> each(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    static List<String> texts(JsonNode array) {
        return each(array).map(JsonNode::asText).toList();
    }

    private static List<JsonNode> render(String overlay) {
        Assumptions.assumeTrue(
                Stream.of(System.getenv("PATH").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, "kubectl"))),
                "skipped: overlays are rendered by kubectl, which is not on the path");
        try {
            Path errors = Files.createTempFile("kubectl-", ".err");
            Process process = new ProcessBuilder(
                            "kubectl",
                            "kustomize",
                            folder().resolve("overlays/" + overlay).toString())
                    .redirectError(errors.toFile())
                    .start();
            byte[] yaml = process.getInputStream().readAllBytes();
            assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
            assertThat(Files.readString(errors)).as("warnings of kustomize").isEmpty();
            Files.delete(errors);
            return documents(yaml);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static List<JsonNode> documents(byte[] yaml) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        YAML.readerFor(JsonNode.class)
                .<JsonNode>readValues(new String(yaml, StandardCharsets.UTF_8))
                .forEachRemaining(documents::add);
        return documents;
    }
}
