package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parity with float64 passes of the reference implementation; the limits are those that came with the numbers. */
class Dinov2Test {
    private static final Path SALIENCY = Fixtures.example("dinov2-small-saliency");

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {112, 224})
    void saliencyNetworkMatchesFromPixelsToGradient(int size) {
        try (Backbone backbone = Backbones.open(SALIENCY, Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            assertThat(backbone.dimension()).isEqualTo(384);
            assertThat(backbone.inputSize()).isEqualTo(112);
            byte[] stack = Fixtures.bytes(SALIENCY, "pixels." + size);
            float[] values = new float[3 * 3 * size * size];
            for (int i = 0; i < 3; i++) {
                float[] one = backbone.preprocessing()
                        .pixelValues(Fixtures.picture(stack, i, size).toImage(), size);
                System.arraycopy(one, 0, values, i * one.length, one.length);
            }
            NDArray pixels = scope.create(values, new Shape(3, 3, size, size));
            double embedding = Fixtures.relativeError(
                    backbone.embed(pixels).toFloatArray(), Fixtures.expected(SALIENCY, "embedding." + size));
            float[] found = Fixtures.cosineGradient(
                    pixels, Fixtures.expected(SALIENCY, "target." + size, scope), backbone::embed);
            // The file calls it [3, 3, S, S], but its numbers lie as [3, S, S, 3]: see the folder's README.
            float[] expected = Fixtures.planar(Fixtures.expected(SALIENCY, "gradient." + size), size);
            double gradient = Fixtures.relativeError(found, expected);
            assertThat(embedding).isLessThan(1e-5);
            assertThat(gradient).isLessThan(1e-4);
        }
    }

    @Test
    void saliencyNetworkMatchesInPixelValuesAndHiddenState() {
        try (VisionTransformer backbone = (VisionTransformer) Backbones.open(SALIENCY, Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            byte[] stack = Fixtures.bytes(SALIENCY, "pixels.112");
            float[] recorded = Fixtures.planar(Fixtures.expected(SALIENCY, "pixel_values.112"), 112);
            for (int i = 0; i < 3; i++) {
                float[] one = backbone.preprocessing()
                        .pixelValues(Fixtures.picture(stack, i, 112).toImage(), 112);
                assertThat(Fixtures.largestError(one, Fixtures.part(recorded, i, 3)))
                        .isLessThan(1e-6);
            }
            float[] hidden = backbone.trace(scope.create(recorded, new Shape(3, 3, 112, 112)))
                    .get("last_hidden_state")
                    .toFloatArray();
            assertThat(Fixtures.relativeError(hidden, Fixtures.expected(SALIENCY, "last_hidden_state.112")))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void geluIsTheExactOne() {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            float[] found = manager.create(new float[] {-2, -0.5f, 0.5f, 1, 3})
                    .getNDArrayInternal()
                    .gelu()
                    .toFloatArray();
            // x/2 (1 + erf(x / sqrt 2)); the tanh form differs in the fourth decimal.
            float[] exact = {-0.04550026f, -0.15426877f, 0.34573123f, 0.84134475f, 2.99595031f};
            assertThat(Fixtures.largestError(found, exact)).isLessThan(1e-6);
        }
    }

    @Test
    void embeddingLeavesNothingBehindInTheBackbone() {
        try (Backbone backbone = Backbones.open(Fixtures.tiny(), Device.cpu())) {
            int before = 0;
            for (int i = 0; i < 3; i++) {
                try (NDManager scope = backbone.manager().newSubManager()) {
                    backbone.embed(scope.ones(new Shape(2, 3, 28, 28)));
                }
                int owned = backbone.manager().getManagedArrays().size();
                assertThat(i == 0 ? owned : before).isEqualTo(owned);
                before = owned;
            }
        }
    }

    @Test
    void refusesSizesThatAreNoMultipleOfThePatch() {
        try (Backbone backbone = Backbones.open(Fixtures.tiny(), Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            assertThat(backbone.accepts(70)).isTrue();
            assertThat(backbone.accepts(100)).isFalse();
            assertThatThrownBy(() -> backbone.embed(scope.ones(new Shape(1, 3, 100, 100))))
                    .hasMessageContaining("[1, 3, 100, 100]")
                    .hasMessageContaining("multiple of 14");
        }
    }

    @Test
    void listsEveryTensorThatDoesNotFit(@TempDir Path folder) throws Exception {
        Map<String, Tensor> tensors = new TreeMap<>();
        try (Safetensors stored = Safetensors.open(Fixtures.tiny().resolve("model.safetensors"))) {
            for (String name : stored.names()) {
                tensors.put(
                        name,
                        Tensor.ofFloats(
                                stored.tensor(name).toFloats(),
                                stored.tensor(name).shape()));
            }
        }
        tensors.remove("layernorm.bias");
        tensors.put("layernorm.weight", Tensor.ofFloats(new float[95], 95));
        tensors.put("head.weight", Tensor.ofFloats(new float[6], 2, 3));
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        for (String file : new String[] {"config.json", "preprocessor_config.json"}) {
            Files.copy(Fixtures.tiny().resolve(file), folder.resolve(file));
        }
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("missing layernorm.bias [96]")
                .hasMessageContaining("layernorm.weight has shape [95], expected [96]")
                .hasMessageContaining("unknown head.weight [2, 3]");
    }
}
