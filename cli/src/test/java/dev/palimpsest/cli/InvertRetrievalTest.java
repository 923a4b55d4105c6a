package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code invert --method retrieval} with a gallery that is embedded already: no backbone is opened. */
class InvertRetrievalTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @BeforeEach
    void write() {
        SafetensorsWriter.write(
                folder.resolve("embeddings.safetensors"),
                Map.of(
                        "embeddings",
                        Tensor.ofFloats(new float[] {1, 0, 0, 1, 1, 1}, 3, 2),
                        "names",
                        Tensor.ofBytes("east\nnorth\nnorth-east".getBytes(StandardCharsets.UTF_8))),
                Map.of());
        SafetensorsWriter.write(
                folder.resolve("wanted.safetensors"),
                Map.of("embeddings", Tensor.ofFloats(new float[] {9, 9, 1, 8}, 2, 2)),
                Map.of());
    }

    @Test
    void namesTheNearestAndHowNear() throws Exception {
        Path out = folder.resolve("nearest.txt");
        assertThat(execute("--gallery", folder.toString(), "--index", "1", "--top", "2", "--out", out.toString()))
                .isZero();
        assertThat(Files.readAllLines(out)).containsExactly("0.9923\tnorth", "0.7894\tnorth-east");
    }

    @Test
    void withoutAGalleryThereIsNothingToCompareWith() {
        assertThat(execute("--out", folder.resolve("nearest.txt").toString())).isNotZero();
        assertThat(err.toString()).contains("name them with --gallery");
    }

    @Test
    void aTextIsNoPicture() {
        assertThat(execute(
                        "--gallery",
                        folder.toString(),
                        "--out",
                        folder.resolve("a.png").toString()))
                .isNotZero();
        assertThat(err.toString()).contains("north-east, is no image file; use --out FILE.txt");
    }

    private int execute(String... more) {
        String[] first = {
            "invert",
            "--backbone",
            "unused",
            "--method",
            "retrieval",
            "--embedding",
            folder.resolve("wanted.safetensors").toString()
        };
        String[] all = new String[first.length + more.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        CommandLine line = Palimpsest.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(all);
    }
}
