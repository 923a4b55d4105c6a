package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Parity with a float64 pass over the stored weights; the limits are those that came with the numbers. */
class EfficientNetLiteTest {
    private static final Path FOLDER = Fixtures.example("efficientnet-lite0");
    private static Backbone backbone;

    @BeforeAll
    static void open() {
        Torch.threads(1);
        backbone = Backbones.open(FOLDER, Device.cpu());
    }

    @AfterAll
    static void close() {
        backbone.close();
    }

    @Test
    void describesItself() {
        assertThat(backbone.name()).isEqualTo("efficientnet-lite0");
        assertThat(backbone.dimension()).isEqualTo(1280);
        assertThat(backbone.inputSize()).isEqualTo(224);
        assertThat(backbone.preprocessing().mean()).containsOnly(127f);
        assertThat(backbone.preprocessing().std()).containsOnly(128f);
    }

    @Test
    void matchesFromPixelsToGradient() {
        byte[] stack = Fixtures.bytes(FOLDER, "pixels");
        float[] values = new float[3 * 3 * 224 * 224];
        for (int i = 0; i < 3; i++) {
            float[] one = backbone.preprocessing()
                    .pixelValues(Fixtures.picture(stack, i, 224).toImage(), 224);
            System.arraycopy(one, 0, values, i * one.length, one.length);
        }
        try (NDManager scope = backbone.manager().newSubManager()) {
            NDArray pixels = scope.create(values, new Shape(3, 3, 224, 224));
            double embedding = Fixtures.relativeError(
                    backbone.embed(pixels).toFloatArray(), Fixtures.expected(FOLDER, "embedding"));
            float[] found =
                    Fixtures.cosineGradient(pixels, Fixtures.expected(FOLDER, "target", scope), backbone::embed);
            // The recorded gradient is that of the pixels in 0..255, [3, 224, 224, 3].
            float[] expected = Fixtures.planar(Fixtures.expected(FOLDER, "gradient"), 224);
            for (int i = 0; i < found.length; i++) {
                found[i] /= 128;
            }
            double gradient = Fixtures.relativeError(found, expected);
            assertThat(embedding).isLessThan(1e-5);
            assertThat(gradient).isLessThan(3e-2);
        }
    }

    @Test
    void takesOddSizesAndRefusesTinyOnes() {
        try (NDManager scope = backbone.manager().newSubManager()) {
            assertThat(backbone.embed(scope.ones(new Shape(2, 3, 97, 97))).getShape())
                    .isEqualTo(new Shape(2, 1280));
            assertThatThrownBy(() -> backbone.embed(scope.ones(new Shape(1, 3, 16, 16))))
                    .hasMessageContaining("[1, 3, 16, 16]")
                    .hasMessageContaining("at least 32");
        }
    }

    @Test
    void embeddingLeavesNothingBehindInTheBackbone() {
        int before = backbone.manager().getManagedArrays().size();
        try (NDManager scope = backbone.manager().newSubManager()) {
            NDArray embedding = backbone.embed(scope.ones(new Shape(1, 3, 64, 64)));
            assertThat(embedding.getManager()).isSameAs(scope);
        }
        assertThat(backbone.manager().getManagedArrays()).hasSize(before);
    }
}
