package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeepImagePriorTest {
    private static final double[] WANTED = {1, -2, 0.5, 0.25, -1, 1.5, 2, -0.5};
    private static final double[] OTHER = {-1, 0.5, 2, 1, 0.25, -0.5, 1, 1.5};
    private static final Normaliser NORMALISER = new Normaliser(
            new double[] {0.5, 0.4, 0.6, 0.5, 0.5, 0.3, 0.5, 0.4}, new double[] {.2, .3, .2, .1, .2, .2, .3, .2});

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "network", "paper"})
    void aResumedRunIsAnUninterruptedRunBitForBit(String preset) {
        PriorSettings settings = PriorSettings.of(preset, 72, 20, 3);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior whole = DeepImagePrior.start(only(settings), backbone, NORMALISER);
                DeepImagePrior first = DeepImagePrior.start(only(settings), backbone, NORMALISER)) {
            whole.run(20, (step, losses) -> {});
            first.run(7, (step, losses) -> {});
            try (DeepImagePrior second =
                    DeepImagePrior.resume(only(settings), backbone, NORMALISER, first.checkpoint())) {
                assertThat(second.step()).isEqualTo(7);
                assertThat(second.run(100, (step, losses) -> {})).isEqualTo(20);
                assertThat(second.done()).isTrue();
                assertThat(bits(second.checkpoint())).isEqualTo(bits(whole.checkpoint()));
                assertThat(pixels(second.preview(0))).isEqualTo(pixels(whole.preview(0)));
            }
        }
    }

    @Test
    void thePictureComesCloserToTheEmbedding() {
        PriorSettings settings = PriorSettings.fast(48, 120, 1);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(only(settings), backbone, NORMALISER)) {
            List<Long> reported = new ArrayList<>();
            double before = prior.cosine(0);
            prior.run(60, (step, losses) -> reported.add(step));
            prior.run(60, (step, losses) -> reported.add(step));
            assertThat(reported).containsExactly(25L, 50L, 60L, 75L, 100L, 120L);
            assertThat(prior.cosine(0)).isGreaterThan(before + 0.2).isGreaterThan(0.6);
            assertThat(prior.preview(0).getWidth()).isEqualTo(48);
        }
    }

    @Test
    void lookingAtTheRunDoesNotChangeIt() {
        PriorSettings settings = PriorSettings.fast(56, 6, 8);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior watched = DeepImagePrior.start(only(settings), backbone, null);
                DeepImagePrior alone = DeepImagePrior.start(only(settings), backbone, null)) {
            for (int i = 0; i < 6; i++) {
                watched.run(1, (step, losses) -> {});
                watched.preview(0);
                watched.cosine(0);
            }
            alone.run(6, (step, losses) -> {});
            assertThat(bits(watched.checkpoint())).isEqualTo(bits(alone.checkpoint()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "network", "paper"})
    void stepsLeaveNoArraysBehind(String preset) {
        PriorSettings settings = PriorSettings.of(preset, 72, 40, 8);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(only(settings), backbone, NORMALISER)) {
            prior.run(5, (step, losses) -> {});
            int before = backbone.manager().getManagedArrays().size();
            prior.run(10, (step, losses) -> {});
            prior.preview(0);
            prior.cosine(0);
            prior.checkpoint();
            assertThat(backbone.manager().getManagedArrays().size()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "network", "paper"})
    void aBatchMakesThePicturesThatEachEmbeddingAndSeedMakesAlone(String preset) {
        List<DeepImagePrior.Start> starts = List.of(
                new DeepImagePrior.Start(PriorSettings.of(preset, 72, 4, 3), WANTED),
                new DeepImagePrior.Start(PriorSettings.of(preset, 72, 4, 9), OTHER),
                new DeepImagePrior.Start(PriorSettings.of(preset, 72, 4, 4), WANTED));
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior batch = DeepImagePrior.start(starts, backbone, NORMALISER)) {
            batch.run(4, (step, losses) -> assertThat(losses).hasSize(3));
            for (int i = 0; i < starts.size(); i++) {
                try (DeepImagePrior alone = DeepImagePrior.start(starts.subList(i, i + 1), backbone, NORMALISER)) {
                    alone.run(4, (step, losses) -> {});
                    assertThat(batch.cosine(i)).isCloseTo(alone.cosine(0), offset(1e-4));
                    assertThat(batch.steadiness(i)).isCloseTo(alone.steadiness(0), offset(1e-4));
                    assertThat(distance(pixels(batch.preview(i)), pixels(alone.preview(0))))
                            .isLessThanOrEqualTo(1);
                }
            }
            assertThat(pixels(batch.preview(0))).isNotEqualTo(pixels(batch.preview(1)));
            assertThat(pixels(batch.preview(0))).isNotEqualTo(pixels(batch.preview(2)));
        }
    }

    @Test
    void aBatchThatWasInterruptedIsTheSameBitForBit() {
        List<DeepImagePrior.Start> starts = List.of(
                new DeepImagePrior.Start(PriorSettings.fast(56, 20, 3), WANTED),
                new DeepImagePrior.Start(PriorSettings.fast(56, 20, 9), OTHER));
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior whole = DeepImagePrior.start(starts, backbone, NORMALISER);
                DeepImagePrior first = DeepImagePrior.start(starts, backbone, NORMALISER)) {
            whole.run(20, (step, losses) -> {});
            first.run(7, (step, losses) -> {});
            Map<String, Tensor> checkpoint = first.checkpoint();
            try (DeepImagePrior second = DeepImagePrior.resume(starts, backbone, NORMALISER, checkpoint)) {
                second.run(13, (step, losses) -> {});
                assertThat(bits(second.checkpoint())).isEqualTo(bits(whole.checkpoint()));
            }
            assertThatThrownBy(() -> DeepImagePrior.resume(starts.subList(0, 1), backbone, NORMALISER, checkpoint))
                    .isInstanceOfSatisfying(
                            PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FILE));
        }
    }

    @Test
    void picturesOfABatchDifferInSeedAndEmbeddingOnly() {
        List<DeepImagePrior.Start> starts = List.of(
                new DeepImagePrior.Start(PriorSettings.fast(56, 20, 3), WANTED),
                new DeepImagePrior.Start(PriorSettings.fast(56, 30, 3), OTHER));
        try (TinyBackbone backbone = new TinyBackbone()) {
            assertThatThrownBy(() -> DeepImagePrior.start(starts, backbone, NORMALISER))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aCheckpointOfAnotherInversionIsRefused() {
        PriorSettings settings = PriorSettings.fast(48, 20, 3);
        PriorSettings other = PriorSettings.fast(48, 20, 4);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(only(settings), backbone, null)) {
            Map<String, Tensor> checkpoint = prior.checkpoint();
            assertThatThrownBy(() -> DeepImagePrior.resume(only(other), backbone, null, checkpoint))
                    .isInstanceOfSatisfying(
                            PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FILE))
                    .hasMessageContaining("another inversion");
            Map<String, Tensor> incomplete = new HashMap<>(checkpoint);
            incomplete.remove("mean.level.2");
            assertThatThrownBy(() -> DeepImagePrior.resume(only(settings), backbone, null, incomplete))
                    .hasMessageContaining("no tensor mean.level.2");
        }
    }

    @Test
    void tooLargeAPictureIsRefusedWithTheMemoryThatItNeeds() {
        Painting paper = PriorSettings.paper(224, 1, 1).painting();
        assertThat(paper.bytes(224)).isBetween(50L << 20, 400L << 20);
        assertThatThrownBy(() -> SpaceCheck.memory(paper, 1024, 1, 100L << 20))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("1024 pixels needs about")
                .hasMessageContaining("100 MiB are free");
        SpaceCheck.memory(paper, 224, 1, 1L << 30);
        assertThatThrownBy(() -> SpaceCheck.memory(paper, 224, 64, 1L << 30))
                .hasMessageContaining("A batch of 64 pictures of 224 pixels needs about")
                .hasMessageContaining("fewer at a time");
    }

    private static List<DeepImagePrior.Start> only(PriorSettings settings) {
        return List.of(new DeepImagePrior.Start(settings, WANTED));
    }

    private static int distance(int[] one, int[] other) {
        int most = 0;
        for (int i = 0; i < one.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                most = Math.max(most, Math.abs((one[i] >> shift & 255) - (other[i] >> shift & 255)));
            }
        }
        return most;
    }

    private static Map<String, Object> bits(Map<String, Tensor> checkpoint) {
        Map<String, Object> bits = new TreeMap<>();
        checkpoint.forEach((name, tensor) -> bits.put(name, HexFormat.of().formatHex(tensor.toBytes())));
        return bits;
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
