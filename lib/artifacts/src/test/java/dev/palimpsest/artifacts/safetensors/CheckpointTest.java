package dev.palimpsest.artifacts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    @TempDir
    Path folder;

    private void shards(String weightMap) throws IOException {
        SafetensorsWriter.write(folder.resolve("m-1.safetensors"), Map.of("a", Tensor.ofInts(new int[] {1})), Map.of());
        SafetensorsWriter.write(folder.resolve("m-2.safetensors"), Map.of("b", Tensor.ofInts(new int[] {2})), Map.of());
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\":{\"total_size\":8},\"weight_map\":" + weightMap + "}");
    }

    @Test
    void tensorsComeFromTheShardThatTheIndexNames() throws IOException {
        shards("{\"b\":\"m-2.safetensors\",\"a\":\"m-1.safetensors\"}");

        try (Safetensors read = Safetensors.openCheckpoint(folder)) {
            assertThat(read.names()).containsExactly("b", "a");
            assertThat(read.tensor("a").toInts()).containsExactly(1);
            assertThat(read.tensor("b").toInts()).containsExactly(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../m-1.safetensors",
                "/etc/passwd",
                "sub/m-1.safetensors",
                "..\\\\m-1.safetensors",
                "m..1.safetensors",
                "..safetensors",
                "m-1.bin",
                "",
                "m-1.safetensors\\u0000"
            })
    void anIndexNamesNothingButItsNeighbours(String file) throws IOException {
        shards("{\"a\":\"" + file + "\"}");

        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder))
                .hasMessageContaining("only plain names of .safetensors files")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.BAD_FILE);
    }

    @Test
    void aTensorThatIsNotInItsShardIsNamed() throws IOException {
        shards("{\"b\":\"m-1.safetensors\"}");

        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder))
                .hasMessageContaining("tensor 'b' is in m-1.safetensors, which does not have it");
    }

    @Test
    void anIndexAboveEightMebibytesOrWithDuplicatesIsRefused() throws IOException {
        shards("{\"a\":\"m-1.safetensors\",\"a\":\"m-2.safetensors\"}");
        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder)).hasMessageContaining("Duplicate field 'a'");

        shards("{}" + " ".repeat(8 << 20));
        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder)).hasMessageContaining("larger than 8388608");
    }

    @Test
    void anEmptyFolderIsNotFound() {
        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder))
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void aShardThatWasNotDownloadedIsNamed() throws IOException {
        shards("{\"a\":\"m-3.safetensors\"}");

        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder))
                .hasMessageContaining("names the file m-3.safetensors, which is not there; download it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "pytorch_model.bin.index.json"})
    void aFolderThatHasOnlyAPickleIsToldHowToConvertIt(String pickle) throws IOException {
        Files.writeString(folder.resolve(pickle), "not looked at");

        assertThatThrownBy(() -> Safetensors.openCheckpoint(folder))
                .hasMessageStartingWith(folder + " has its weights in " + pickle + " only")
                .hasMessageContaining("AutoModel.from_pretrained('" + folder + "').save_pretrained('" + folder + "')");
    }

    @ParameterizedTest
    @CsvSource({"efficientnet-lite0, 98", "dinov2-small-saliency, 223"})
    void theBackbonesOfTheDemoAreRead(String name, int tensors) {
        Path backbone = Path.of(System.getProperty("palimpsest.repo", "../..")).resolve("examples/backbones/" + name);
        assumeThat(backbone).as("the demo backbones are in the repository").isDirectory();

        try (Safetensors read = Safetensors.openCheckpoint(backbone)) {
            assertThat(read.names()).hasSize(tensors);
            for (String tensor : read.names()) {
                Tensor t = read.tensor(tensor);
                if (t.dtype() == Dtype.F16 || t.dtype() == Dtype.BF16 || t.dtype() == Dtype.F32) {
                    float[] floats = t.toFloats();
                    long finite = IntStream.range(0, floats.length)
                            .filter(i -> Float.isFinite(floats[i]))
                            .count();
                    assertThat(finite).as(tensor).isEqualTo(t.elements());
                }
            }
        }
    }
}
