package dev.palimpsest.invert.unclip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs of the tiny pipeline with the reference's noise, and what may go wrong. */
class UnClipTest {
    private static final UnClipSettings SHORT = new UnClipSettings(3, 2, 8);

    private final UnClipFolder pipeline = UnClipFolder.open(Reference.PIPELINE);

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @CsvSource({"guided, 4, 7, 8", "unguided, 4, 3, 1", "batch2, 3, 2, 8"})
    void wholeRunsMatchStepByStep(String name, int decoderSteps, int superResSteps, double guidance) {
        UnClipSettings settings = new UnClipSettings(decoderSteps, superResSteps, guidance);
        try (Reference reference = Reference.run(name)) {
            float[][] embeddings = reference.embeddings();
            Noise noise = RecordedNoise.read(reference.writeNoise(folder), pipeline, settings, embeddings.length, 0);
            try (UnClip run = UnClip.start(pipeline, Device.cpu(), settings, embeddings, noise, null)) {
                for (int i = 0; i < decoderSteps - 1; i++) {
                    run.advance();
                    assertClose(reference, "decoder/step_0" + i + "/latent_out", run.latents());
                }
                run.advance();
                assertClose(reference, "decoder/image_small", run.small());
                float[] large = Bicubic.enlarge(run.small(), 16, 64);
                assertClose(reference, "super_res/image_upscaled", large);
                for (int i = 0; i < superResSteps; i++) {
                    run.advance();
                    assertClose(reference, "super_res/step_0" + i + "/latent_out", run.latents());
                }
                assertThat(run.done()).isTrue();
                for (int picture = 0; picture < embeddings.length; picture++) {
                    assertSamePicture(reference, picture, run.preview(picture));
                }
            }
        }
    }

    private static void assertClose(Reference reference, String name, float[] found) {
        reference.assertClose(name, found, reference.tolerance(name));
    }

    private static void assertSamePicture(Reference reference, int picture, BufferedImage found) {
        byte[] expected = reference.tensor("image_uint8").toBytes();
        int side = found.getWidth();
        for (int i = 0; i < side * side * 3; i++) {
            int level = found.getRGB(i / 3 % side, i / 3 / side) >> 8 * (2 - i % 3) & 0xff;
            int wanted = expected[picture * side * side * 3 + i] & 0xff;
            assertThat(Math.abs(level - wanted)).as("level " + i).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void interruptedAnywhereItIsTheSamePicture() {
        float[][] embeddings = Reference.run("guided").embeddings();
        Noise noise = new SeededNoise(5);
        UnClip whole = UnClip.start(pipeline, Device.cpu(), SHORT, embeddings, noise, null);
        UnClip pieces = UnClip.start(pipeline, Device.cpu(), SHORT, embeddings, noise, null);
        List<Integer> steps = new ArrayList<>();
        while (!whole.done()) {
            whole.advance();
            pieces.close();
            Path file = folder.resolve("checkpoint.safetensors");
            SafetensorsWriter.write(file, pieces.checkpoint(), Map.of());
            try (Safetensors checkpoint = Safetensors.open(file)) {
                pieces = UnClip.resume(pipeline, Device.cpu(), SHORT, noise, null, checkpoint.tensors());
            }
            pieces.advance();
            steps.add(pieces.step());
            assertThat(pixels(pieces.preview(0))).isEqualTo(pixels(whole.preview(0)));
        }
        assertThat(steps).containsExactly(1, 2, 3, 4, 5);
        assertThat(pieces.latents()).isEqualTo(whole.latents());
        Map<String, Tensor> checkpoint = pieces.checkpoint();
        whole.close();
        pieces.close();
        assertThatThrownBy(() -> UnClip.resume(pipeline, Device.cpu(), UnClipSettings.DEFAULT, noise, null, checkpoint))
                .hasMessageContaining("of another run");
    }

    /** Pictures that are begun together are those of their own seeds, and the judge keeps the one that it likes. */
    @Test
    void theClosestOfSeveralIsKept() {
        float[] embedding = Reference.run("guided").embeddings()[0];
        List<int[]> seen = new ArrayList<>();
        Judge judge = picture -> {
            seen.add(pixels(picture));
            return seen.size() == 2 ? 0.9 : 0.1;
        };
        try (UnClip three = UnClip.start(
                        pipeline,
                        Device.cpu(),
                        SHORT,
                        new float[][] {embedding, embedding, embedding},
                        new SeededNoise(7),
                        judge);
                UnClip alone = UnClip.start(
                        pipeline, Device.cpu(), SHORT, new float[][] {embedding}, new SeededNoise(8), null)) {
            while (!three.done()) {
                three.advance();
                alone.advance();
            }
            assertThat(seen).hasSize(3);
            assertThat(three.pictures()).isEqualTo(1);
            assertThat(pixels(three.preview(0))).isEqualTo(pixels(alone.preview(0)));
        }
    }

    @Test
    void theReEmbeddingOfAPictureIsTheEncoders() {
        Path encoder = pipeline.imageEncoder().orElseThrow();
        BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        double[] wanted = EmbeddingScale.wide(Reference.run("guided").embeddings()[0]);
        double cosine = new ReEmbedding(encoder, Device.cpu(), null, wanted).cosine(picture);
        double[] opposite = wanted.clone();
        for (int i = 0; i < opposite.length; i++) {
            opposite[i] *= -3;
        }
        assertThat(cosine).isBetween(-1.0, 1.0);
        assertThat(new ReEmbedding(encoder, Device.cpu(), null, opposite).cosine(picture))
                .isCloseTo(-cosine, org.assertj.core.data.Offset.offset(1e-6));
        assertThatThrownBy(() -> new ReEmbedding(encoder, Device.cpu(), null, new double[] {1}).cosine(picture))
                .hasMessageContaining("embeddings of 32 numbers");
    }

    @Test
    void embeddingsThatCannotBeAreRefused() {
        assertRefused(new float[31], ErrorCode.SHAPE_MISMATCH, "has 31 numbers, but the decoder takes 32");
        assertRefused(new float[32], ErrorCode.NOT_FINITE, "points nowhere");
        float[] broken = new float[32];
        broken[3] = Float.NaN;
        assertRefused(broken, ErrorCode.NOT_FINITE, "NaN");
        assertThat(EmbeddingScale.norm(EmbeddingScale.scaled(new float[] {3, 4}, 10)))
                .isCloseTo(10, org.assertj.core.data.Offset.offset(1e-5));
    }

    /** Where the head saw z-scores of unknown length, the typical one is undone. */
    @Test
    void scoresOfUnknownLengthBecomeRaw() {
        Normaliser normaliser = new Normaliser(new double[] {10, 20}, new double[] {2, 3});
        float[] raw = EmbeddingScale.raw(new double[] {0, 7}, normaliser);
        assertThat(raw[0]).isEqualTo(10f);
        assertThat(raw[1]).isEqualTo((float) (20 + 3 * Math.sqrt(2)));
    }

    private void assertRefused(float[] embedding, ErrorCode code, String message) {
        assertThatThrownBy(() -> UnClip.start(
                        pipeline, Device.cpu(), SHORT, new float[][] {embedding}, new SeededNoise(1), null))
                .hasMessageContaining(message)
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(code);
    }

    @Test
    void everyMissingPartIsListed() throws IOException {
        copy(Reference.PIPELINE, folder);
        Files.delete(folder.resolve("decoder/diffusion_pytorch_model.safetensors"));
        Files.delete(folder.resolve("super_res_scheduler/scheduler_config.json"));
        Files.delete(folder.resolve("text_proj/config.json"));
        assertThatThrownBy(() -> UnClipFolder.open(folder))
                .hasMessageContainingAll(
                        "decoder/diffusion_pytorch_model.safetensors",
                        "super_res_scheduler/scheduler_config.json",
                        "text_proj/config.json")
                .hasMessageContaining("Download");
        Files.writeString(folder.resolve("decoder/diffusion_pytorch_model.bin"), "");
        assertThatThrownBy(() -> UnClipFolder.open(folder))
                .hasMessageContainingAll("decoder have .bin files", "safe_serialization=True");
        assertThatThrownBy(() -> UnClipFolder.open(folder.resolve("nowhere"))).hasMessageContaining("lacks");
    }

    /** The image encoder makes no picture. */
    @Test
    void theImageEncoderMayBeMissing() throws IOException {
        copy(Reference.PIPELINE, folder);
        Files.delete(folder.resolve("feature_extractor/preprocessor_config.json"));
        assertThat(UnClipFolder.open(folder).imageEncoder()).isEmpty();
        assertThat(pipeline.imageEncoder()).isPresent();
    }

    @Test
    void noiseThatDoesNotFitIsRefusedWithAllThatIsExpected() {
        Map<String, Tensor> tensors = new TreeMap<>();
        tensors.put("decoder/initial_latents", Tensor.ofFloats(new float[3 * 16 * 16], 1, 3, 16, 16));
        tensors.put("decoder/step_00/noise", Tensor.ofFloats(new float[3 * 8 * 8], 1, 3, 8, 8));
        Path file = folder.resolve("noise.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        assertThatThrownBy(() -> RecordedNoise.read(file, pipeline, SHORT, 1, 0))
                .hasMessageContainingAll(
                        "decoder/step_00/noise is F32 [1, 3, 8, 8]",
                        "missing decoder/step_01/noise",
                        "missing super_res/initial_latents",
                        "  super_res/step_00/noise F32 [1, 3, 64, 64]")
                .hasMessageNotContaining("decoder/step_02");
    }

    /** A file that was recorded for two embeddings, for the second of them. */
    @Test
    void noiseOfSeveralIsTakenByRow() {
        try (Reference reference = Reference.run("batch2")) {
            Noise second = RecordedNoise.read(reference.writeNoise(folder), pipeline, SHORT, 1, 1);
            float[] both = reference.floats("super_res/step_00/noise");
            assertThat(second.draw("super_res/step_00/noise", 0, both.length / 2))
                    .isEqualTo(Arrays.copyOfRange(both, both.length / 2, both.length));
        }
    }

    @Test
    void seededNoiseIsNormalAndDependsOnSeedAndDrawAlone() {
        float[] numbers = new SeededNoise(3).draw("decoder/initial_latents", 1, 20_000);
        assertThat(new SeededNoise(4).draw("decoder/initial_latents", 0, 20_000))
                .isEqualTo(numbers);
        assertThat(new SeededNoise(4).draw("decoder/step_00/noise", 0, 20_000)).isNotEqualTo(numbers);
        double sum = 0;
        double squares = 0;
        for (float number : numbers) {
            sum += number;
            squares += number * number;
        }
        assertThat(sum / numbers.length).isBetween(-0.03, 0.03);
        assertThat(squares / numbers.length).isBetween(0.96, 1.04);
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingIsRead() {
        MemoryPlan plan = MemoryPlan.of(pipeline, UnClipSettings.DEFAULT);
        assertThat(plan.parts().keySet())
                .containsExactly(
                        "text_encoder", "text_proj", "decoder", "super_res_first", "super_res_last", "image_encoder");
        // 798 350 weights less the file's header, and the arrays of a pass.
        assertThat(plan.need()).isBetween(3_000_000L, 20_000_000L);
        plan.require("cpu()", plan.need());
        assertThatThrownBy(() -> plan.require("cpu()", 1 << 20))
                .hasMessageContainingAll("UnCLIP needs 0.0", "on cpu(), 0.00 GiB are available", "super_res_last")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NO_MEMORY);
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> new UnClipSettings(1, 7, 8)).hasMessageContaining("at least 2");
        assertThatThrownBy(() -> new UnClipSettings(25, 1, 8)).hasMessageContaining("at least 2");
        assertThatThrownBy(() -> new UnClipSettings(25, 7, Double.NaN)).hasMessageContaining("guidance NaN");
        assertThat(new UnClipSettings(25, 7, 1).guided()).isFalse();
    }

    private static int[] pixels(BufferedImage picture) {
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
