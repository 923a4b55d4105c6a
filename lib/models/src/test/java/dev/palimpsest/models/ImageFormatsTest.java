package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way of storing a picture that is read, against what the Python imaging library reads from the same file. */
class ImageFormatsTest {
    private static final Path FOLDER = Path.of("src/test/resources/reference");

    static List<String> images() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("images"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void samplesAreTheReferences(String name) throws IOException {
        byte[] file = Files.readAllBytes(FOLDER.resolve("images").resolve(name));
        RgbPixels found = RgbPixels.of(ImageDecoder.decode(file, name));
        byte[] expected = Fixtures.tensorBytes(FOLDER.resolve("images.safetensors"), name);
        assertThat(Fixtures.shape(FOLDER.resolve("images.safetensors"), name))
                .containsExactly(found.height(), found.width(), 3);
        assertThat(found.samples()).isEqualTo(expected);
    }
}
