package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
    private static final Path FOLDER = Fixtures.tiny();

    /** A landscape PNG, a JPEG, and a portrait PNG with alpha: each byte equal to what the Python processor made. */
    @ParameterizedTest
    @CsvSource({"image_0.png, 0", "image_1.jpg, 1", "image_2.png, 2"})
    void decodesResizesAndNormalisesExactly(String file, int index) throws Exception {
        BufferedImage image = ImageDecoder.decode(Files.readAllBytes(FOLDER.resolve(file)), file);
        assertThat(RgbPixels.of(image).samples()).isEqualTo(Fixtures.bytes(FOLDER, "image_" + index + ".rgb"));

        Preprocessing preprocessing = Preprocessing.read(FOLDER);
        assertThat(preprocessing.size()).isEqualTo(56);
        assertThat(RgbPixels.of(preprocessing.square(image, 56)).samples())
                .isEqualTo(Fixtures.bytes(FOLDER, "image_" + index + ".resized"));

        float[] expected = Fixtures.part(Fixtures.expected(FOLDER, "pixel_values"), index, 3);
        assertThat(Fixtures.largestError(preprocessing.pixelValues(image, 56), expected))
                .isLessThanOrEqualTo(1e-6);
    }

    @Test
    void anotherSizeScalesTheShortEdgeInTheSameRatio() {
        BufferedImage image = new BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB);
        assertThat(Preprocessing.read(FOLDER).pixelValues(image, 112)).hasSize(3 * 112 * 112);
    }

    @Test
    void paintedPicturesAreNormalisedLikeDecodedOnes() {
        Preprocessing preprocessing = Preprocessing.read(FOLDER);
        BufferedImage image = new BufferedImage(56, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 56; x++) {
                image.setRGB(x, y, (3 * x) << 16 | (4 * y % 256) << 8 | (x * y) % 256);
            }
        }
        byte[] square = RgbPixels.of(preprocessing.square(image, 56)).samples();
        float[] picture = new float[square.length];
        for (int i = 0; i < square.length; i++) {
            picture[i % 3 * 56 * 56 + i / 3] = (square[i] & 0xff) / 255f;
        }
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            float[] found = preprocessing
                    .normalise(manager.create(picture, new Shape(1, 3, 56, 56)))
                    .toFloatArray();
            assertThat(Fixtures.largestError(found, preprocessing.pixelValues(image, 56)))
                    .isLessThan(2e-6);
        }
    }
}
