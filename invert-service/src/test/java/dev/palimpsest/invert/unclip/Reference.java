package dev.palimpsest.invert.unclip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.testkit.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The tiny pipeline of lib/models, the numbers of its runs, and how far off each may be. */
final class Reference implements AutoCloseable {
    static final Path ROOT = Fixtures.repository().resolve("lib/models/src/test/resources/unclip");
    static final Path PIPELINE = ROOT.resolve("pipeline");

    private final Safetensors tensors;
    private final JsonNode json;
    private final String prefix;

    Reference(String file, String prefix) {
        this.tensors = Safetensors.open(ROOT.resolve(file + ".safetensors"));
        this.prefix = prefix;
        try {
            json = new ObjectMapper().readTree(ROOT.resolve(file + ".json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Reference run(String name) {
        return new Reference("expected", name + "/");
    }

    JsonNode json() {
        return json;
    }

    boolean has(String name) {
        return tensors.contains(prefix + name);
    }

    Tensor tensor(String name) {
        return tensors.tensor(prefix + name);
    }

    float[] floats(String name) {
        return tensor(name).toFloats();
    }

    /** {@code [B][D]}. */
    float[][] embeddings() {
        Tensor all = tensor("image_embeddings");
        float[][] rows = new float[(int) all.shape()[0]][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = all.row(i);
        }
        return rows;
    }

    /** The run's noise as a file of its own. */
    Path writeNoise(Path folder) {
        Map<String, Tensor> noise = new TreeMap<>();
        for (String name : tensors.names()) {
            if (name.startsWith(prefix) && (name.endsWith("/noise") || name.endsWith("/initial_latents"))) {
                noise.put(name.substring(prefix.length()), tensors.tensor(name));
            }
        }
        Path file = folder.resolve("noise.safetensors");
        SafetensorsWriter.write(file, noise, Map.of());
        return file;
    }

    /** Of a run's tensor. */
    double tolerance(String name) {
        String run = prefix.substring(0, prefix.length() - 1);
        return json.path("cases")
                .path(run)
                .path("tensors")
                .path(name)
                .path("tolerance")
                .asDouble();
    }

    void assertClose(String name, float[] found, double tolerance) {
        assertThat(tolerance).as("tolerance of " + name).isPositive();
        float[] expected = floats(name);
        assertThat(found).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) Math.abs(found[i] - expected[i]))
                    .as(name + ", number " + i)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    @Override
    public void close() {
        tensors.close();
    }
}
