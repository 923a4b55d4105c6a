package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.testkit.Fixtures;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command, as anybody can check it from outside: recorded embeddings and noise in, the reference's picture out. */
class InvertUnClipTest {
    private static final Path ROOT = Fixtures.repository().resolve("lib/models/src/test/resources/unclip");

    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"guided, 0, 4, 7, 8", "unguided, 0, 4, 3, 1", "batch2, 0, 3, 2, 8", "batch2, 1, 3, 2, 8"})
    void thePictureIsTheReferences(String run, int index, int decoderSteps, int superResSteps, int guidance)
            throws Exception {
        try (Safetensors expected = Safetensors.open(ROOT.resolve("expected.safetensors"))) {
            Map<String, Tensor> noise = new TreeMap<>();
            for (String name : expected.names()) {
                if (name.startsWith(run + "/") && (name.endsWith("/noise") || name.endsWith("/initial_latents"))) {
                    noise.put(name.substring(run.length() + 1), expected.tensor(name));
                }
            }
            SafetensorsWriter.write(folder.resolve("noise.safetensors"), noise, Map.of());
            SafetensorsWriter.write(
                    folder.resolve("e.safetensors"),
                    Map.of("embeddings", expected.tensor(run + "/image_embeddings")),
                    Map.of());
            int code = execute(
                    "--index", "" + index,
                    "--decoder-steps", "" + decoderSteps,
                    "--super-res-steps", "" + superResSteps,
                    "--guidance", "" + guidance,
                    "--norm", "keep",
                    "--noise", folder.resolve("noise.safetensors").toString());
            assertThat(err.toString()).isEmpty();
            assertThat(code).isZero();
            BufferedImage picture = ImageIO.read(folder.resolve("a.png").toFile());
            byte[] levels = expected.tensor(run + "/image_uint8").toBytes();
            int first = index * 64 * 64 * 3;
            for (int i = 0; i < 64 * 64 * 3; i++) {
                int level = picture.getRGB(i / 3 % 64, i / 3 / 64) >> 8 * (2 - i % 3) & 0xff;
                assertThat(Math.abs(level - (levels[first + i] & 0xff))).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void tellsWhatIsMissing() {
        SafetensorsWriter.write(
                folder.resolve("e.safetensors"), Map.of("embeddings", Tensor.ofFloats(new float[32], 1, 32)), Map.of());
        assertThat(execute()).isEqualTo(1);
        assertThat(err.toString()).contains("points nowhere");
        assertThat(execute("--norm", "long")).isEqualTo(1);
        float[] ones = new float[32];
        java.util.Arrays.fill(ones, 1);
        SafetensorsWriter.write(
                folder.resolve("e.safetensors"), Map.of("embeddings", Tensor.ofFloats(ones, 1, 32)), Map.of());
        assertThat(execute("--norm", "long")).isEqualTo(2);
        assertThat(err.toString()).contains("--norm long: expected keep, public or a number above 0");
        assertThat(execute("--decoder-steps", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("decoder steps 1, expected at least 2");
    }

    private int execute(String... more) {
        List<String> arguments = new ArrayList<>(List.of("invert", "--method", "unclip"));
        arguments.addAll(List.of("--unclip", ROOT.resolve("pipeline").toString()));
        arguments.addAll(List.of("--embedding", folder.resolve("e.safetensors").toString()));
        arguments.addAll(List.of("--out", folder.resolve("a.png").toString()));
        arguments.addAll(List.of(more));
        CommandLine line = Palimpsest.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments.toArray(String[]::new));
    }
}
