package dev.palimpsest.models.unclip;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The numbers of the tiny pipeline under {@code resources/unclip}, and how far off each may be; its README says how they were made. */
final class Reference implements AutoCloseable {
    static final Path ROOT = Path.of("src/test/resources/unclip");
    static final Path PIPELINE = ROOT.resolve("pipeline");

    private final Safetensors tensors;
    private final JsonNode limits;
    private final String prefix;

    private Reference(String file, String prefix, String... limits) {
        this.tensors = Safetensors.open(ROOT.resolve(file + ".safetensors"));
        this.prefix = prefix;
        try {
            JsonNode json =
                    new ObjectMapper().readTree(ROOT.resolve(file + ".json").toFile());
            for (String field : limits) {
                json = json.path(field);
            }
            this.limits = json;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Reference units() {
        return new Reference("units", "", "outputs");
    }

    /** {@code guided}, {@code unguided} or {@code batch2}. */
    static Reference run(String name) {
        return new Reference("expected", name + "/", "cases", name, "tensors");
    }

    Set<String> names() {
        return tensors.names();
    }

    boolean has(String name) {
        return tensors.contains(prefix + name);
    }

    Tensor tensor(String name) {
        return tensors.tensor(prefix + name);
    }

    NDArray array(NDManager manager, String name) {
        Tensor tensor = tensor(name);
        return manager.create(tensor.toFloats(), new Shape(tensor.shape()));
    }

    void assertClose(String name, NDArray found) {
        assertThat(found.getShape().getShape()).as(name).isEqualTo(tensor(name).shape());
        assertClose(
                name, found.toFloatArray(), limits.path(name).path("tolerance").asDouble());
    }

    void assertClose(String name, float[] found, double tolerance) {
        assertThat(tolerance).as("tolerance of " + name).isPositive();
        float[] expected = tensor(name).toFloats();
        assertThat(found).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) Math.abs(found[i] - expected[i]))
                    .as(name + ", number " + i)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    double tolerance(String name) {
        return limits.path(name).path("tolerance").asDouble();
    }

    /** The weights of a unit as a file of their own, each name below {@code below}. */
    Map<String, Tensor> writeWeights(String unit, String below, Path folder) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        String start = unit + "/weights/";
        for (String name : names()) {
            if (name.startsWith(start)) {
                weights.put(below + name.substring(start.length()), tensors.tensor(name));
            }
        }
        SafetensorsWriter.write(folder.resolve("diffusion_pytorch_model.safetensors"), weights, Map.of());
        return weights;
    }

    @Override
    public void close() {
        tensors.close();
    }
}
