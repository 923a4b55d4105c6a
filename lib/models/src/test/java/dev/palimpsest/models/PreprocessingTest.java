package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    @Test
    void refusesPicturesThatAreTooThinToResize() {
        BufferedImage thread = new BufferedImage(1, 1_000_000, BufferedImage.TYPE_INT_RGB);
        assertThatThrownBy(() -> Preprocessing.read(FOLDER).pixelValues(thread, 56))
                .hasMessageContaining("1 x 1000000 pixels is too long and thin");
    }

    /** What older files of ViT and CLIP mean by one number, and a landscape of 80 x 40 behind each. */
    @ParameterizedTest
    @CsvSource({"ViTFeatureExtractor, false, 20", "CLIPFeatureExtractor, true, 20"})
    void readsTheOlderForm(String type, boolean crop, int size, @TempDir Path folder) throws Exception {
        String json = """
                {"feature_extractor_type": "%s", "size": 20, "resample": 2, "do_center_crop": %s, "crop_size": 20,
                 "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""".formatted(type, crop);
        Files.writeString(folder.resolve("preprocessor_config.json"), json);
        BufferedImage edged = new BufferedImage(80, 40, BufferedImage.TYPE_INT_RGB);
        edged.createGraphics().fillRect(0, 0, 10, 40);
        Preprocessing preprocessing = Preprocessing.read(folder);
        assertThat(preprocessing.size()).isEqualTo(size);
        float[] values = preprocessing.pixelValues(edged, size);
        // Squeezed, the white edge stays; cropped, it falls off.
        assertThat(values[0]).isEqualTo(crop ? -1 : 1);
        assertThat(values[size - 1]).isEqualTo(-1);
    }

    /** A black picture with one white column in four, squeezed to a quarter: the kernels differ in how they spread it. */
    @ParameterizedTest
    @CsvSource({"ViTImageProcessor, 2", "ViTFeatureExtractor, 2", "CLIPImageProcessor, 3", "BitImageProcessor, 3"})
    void aMissingFilterIsTheProcessorsOwn(String type, int filter, @TempDir Path folder) throws Exception {
        BufferedImage columns = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 32; x += 7) {
            columns.createGraphics().fillRect(x, 0, 1, 32);
        }
        Path file = folder.resolve("preprocessor_config.json");
        String json = """
                {"%s": "%s", "size": {"height": 8, "width": 8}, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]%s}""";
        String field = type.endsWith("Extractor") ? "feature_extractor_type" : "image_processor_type";
        Files.writeString(file, json.formatted(field, type, ""));
        float[] found = Preprocessing.read(folder).pixelValues(columns, 8);
        Files.writeString(file, json.formatted(field, type, ", \"resample\": " + filter));
        assertThat(found).isEqualTo(Preprocessing.read(folder).pixelValues(columns, 8));
        Files.writeString(file, json.formatted(field, type, ", \"resample\": " + (5 - filter)));
        assertThat(found).isNotEqualTo(Preprocessing.read(folder).pixelValues(columns, 8));
    }

    @Test
    void namesTheFieldThatIsWrong(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("preprocessor_config.json");
        assertThatThrownBy(() -> Preprocessing.read(folder)).hasMessageContaining("does not exist");
        Files.writeString(file, "{\"size\": {\"height\": 4, \"width\": 5}, \"resample\": 2}");
        assertThatThrownBy(() -> Preprocessing.read(folder))
                .hasMessageContaining("size is")
                .hasMessageContaining("a square");
        Files.writeString(file, "{\"size\": 4, \"resample\": 1}");
        assertThatThrownBy(() -> Preprocessing.read(folder))
                .hasMessageContaining("resample is 1; expected 2 (bilinear)");
        Files.writeString(file, "{\"size\": 4}");
        assertThatThrownBy(() -> Preprocessing.read(folder)).hasMessageContaining("resample is missing");
        Files.writeString(file, "{\"size\": {\"shortest_edge\": 4}, \"resample\": 3, \"do_center_crop\": false}");
        assertThatThrownBy(() -> Preprocessing.read(folder)).hasMessageContaining("do_center_crop is false");
        Files.writeString(file, "{\"size\": 4, \"resample\": 3}");
        assertThatThrownBy(() -> Preprocessing.read(folder)).hasMessageContaining("image_mean is missing");
        Files.writeString(file, "{");
        assertThatThrownBy(() -> Preprocessing.read(folder)).hasMessageContaining("is not JSON");
    }
}
