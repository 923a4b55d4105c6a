package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tiny networks of every family, stage by stage, against float64 passes of the reference implementation; the limits are those that came
 * with the numbers. Weights are float32, float16 and bfloat16, in one file and in shards.
 */
class ParityTest {
    private static final double HIDDEN = 5e-5;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @MethodSource("dev.palimpsest.models.Fixtures#backbones")
    void preprocessingIsTheReferencesByteByByte(String name) throws IOException {
        Path folder = Fixtures.backbone(name);
        Preprocessing preprocessing = Preprocessing.read(folder);
        int size = preprocessing.size();
        String[] files = {"image_0.png", "image_1.jpg", "image_2.png"};
        for (int i = 0; i < files.length; i++) {
            BufferedImage image = ImageDecoder.decode(Files.readAllBytes(folder.resolve(files[i])), files[i]);
            assertThat(RgbPixels.of(image).samples()).isEqualTo(Fixtures.bytes(folder, "image_" + i + ".rgb"));
            assertThat(RgbPixels.of(preprocessing.square(image, size)).samples())
                    .isEqualTo(Fixtures.bytes(folder, "image_" + i + ".resized"));
            float[] expected = Fixtures.part(Fixtures.expected(folder, "pixel_values"), i, 3);
            assertThat(Fixtures.largestError(preprocessing.pixelValues(image, size), expected))
                    .isLessThanOrEqualTo(1e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.palimpsest.models.Fixtures#backbones")
    void everyStageMatches(String name) {
        Path folder = Fixtures.backbone(name);
        try (Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"));
                VisionTransformer backbone = (VisionTransformer) Backbones.open(folder, Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            NDArray pixels = Fixtures.expected(folder, "pixel_values", scope);
            Map<String, NDArray> stages = backbone.trace(pixels);
            assertThat(stages.keySet()).contains("block_input", "block_output.1", "last_hidden_state", "embedding");
            stages.forEach((stage, found) -> assertThat(Fixtures.largestError(
                            found.toFloatArray(), expected.tensor(stage).toFloats()))
                    .as(stage)
                    .isLessThan(stage.equals("block_input") ? 2e-5 : HIDDEN));
            long blocks = expected.names().stream()
                    .filter(tensor -> tensor.startsWith("block_output."))
                    .count();
            assertThat(stages.keySet().stream().filter(stage -> stage.startsWith("block_output.")))
                    .hasSize((int) blocks);
            // ViT's pooler is no part of its embedding; everyone else's is.
            assertThat(stages.containsKey("pooler_output"))
                    .isEqualTo(expected.contains("pooler_output") && !name.equals("vit"));
        }
    }

    /** The same instance without a graph, with one, and without again. */
    @ParameterizedTest
    @MethodSource("dev.palimpsest.models.Fixtures#backbones")
    void embeddingCosineAndPixelGradientMatch(String name) {
        Path folder = Fixtures.backbone(name);
        try (Backbone backbone = Backbones.open(folder, Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            NDArray pixels = Fixtures.expected(folder, "pixel_values", scope);
            NDArray target = Fixtures.expected(folder, "target", scope);
            float[] embedding = backbone.embed(pixels).toFloatArray();
            assertThat(backbone.dimension()).isEqualTo((int) target.size());
            assertThat(Fixtures.largestError(embedding, Fixtures.expected(folder, "embedding")))
                    .isLessThan(HIDDEN);
            assertThat(Fixtures.largestError(
                            Fixtures.cosines(embedding, target.toFloatArray()), Fixtures.expected(folder, "cosine")))
                    .isLessThan(2e-6);

            float[] gradient = Fixtures.cosineGradient(pixels, target, backbone::embed);
            float[] expected = Fixtures.expected(folder, "pixel_gradient");
            assertThat(Fixtures.largestError(gradient, expected))
                    .isLessThan(1e-4 * Fixtures.largestError(expected, new float[expected.length]));
            assertThat(backbone.embed(pixels).toFloatArray()).isEqualTo(embedding);
        }
    }

    /** Sizes that the positions were not stored for, larger and smaller; the script beside the numbers made them. */
    @ParameterizedTest
    @CsvSource({"vit, 96", "dino, 32", "dinov2, 126", "dinov2-registers, 112", "clip, 98", "siglip, 48"})
    void positionsAreResizedForOtherSizes(String name, int size) {
        Path numbers = Path.of("src/test/resources/reference/sizes.safetensors");
        float[] pixels = new float[3 * size * size];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i * 7919L % 1009 / 512f - 1;
        }
        try (Backbone backbone = Backbones.open(Fixtures.backbone(name), Device.cpu());
                NDManager scope = backbone.manager().newSubManager();
                Safetensors expected = Safetensors.open(numbers)) {
            assertThat(backbone.accepts(size)).isTrue();
            float[] found = backbone.embed(scope.create(pixels, new Shape(1, 3, size, size)))
                    .toFloatArray();
            float[] embedding = expected.tensor(name + "." + size).toFloats();
            assertThat(Fixtures.largestError(found, embedding)).isLessThan(HIDDEN);
        }
    }

    /** More pictures than go through the network together: embeddings and gradients are those of each alone. */
    @Test
    void largeBatchesAreTheirPictures() {
        Path folder = Fixtures.backbone("siglip");
        try (Backbone backbone = Backbones.open(folder, Device.cpu());
                NDManager scope = backbone.manager().newSubManager()) {
            NDArray three = Fixtures.expected(folder, "pixel_values", scope);
            NDArray batch = three.repeat(0, 7);
            NDArray target = Fixtures.expected(folder, "target", scope);
            float[] expected = Fixtures.expected(folder, "embedding");
            float[] expectedGradient = Fixtures.expected(folder, "pixel_gradient");
            float[] found = backbone.embed(batch).toFloatArray();
            float[] gradient = Fixtures.cosineGradient(batch, target, backbone::embed);
            double limit = 1e-4 * Fixtures.largestError(expectedGradient, new float[expectedGradient.length]);
            assertThat(found).hasSize(21 * 48);
            for (int i = 0; i < 21; i++) {
                assertThat(Fixtures.largestError(Fixtures.part(found, i, 21), Fixtures.part(expected, i / 7, 3)))
                        .isLessThan(HIDDEN);
                assertThat(Fixtures.largestError(
                                Fixtures.part(gradient, i, 21), Fixtures.part(expectedGradient, i / 7, 3)))
                        .isLessThan(limit);
            }
        }
    }
}
