package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                DeepImagePrior whole = DeepImagePrior.start(settings, backbone, NORMALISER, WANTED);
                DeepImagePrior first = DeepImagePrior.start(settings, backbone, NORMALISER, WANTED)) {
            whole.run(20, (step, loss) -> {});
            first.run(7, (step, loss) -> {});
            try (DeepImagePrior second =
                    DeepImagePrior.resume(settings, backbone, NORMALISER, WANTED, first.checkpoint())) {
                assertThat(second.step()).isEqualTo(7);
                assertThat(second.run(100, (step, loss) -> {})).isEqualTo(20);
                assertThat(second.done()).isTrue();
                assertThat(bits(second.checkpoint())).isEqualTo(bits(whole.checkpoint()));
                assertThat(pixels(second.preview())).isEqualTo(pixels(whole.preview()));
            }
        }
    }

    @Test
    void thePictureComesCloserToTheEmbedding() {
        PriorSettings settings = PriorSettings.fast(48, 120, 1);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(settings, backbone, NORMALISER, WANTED)) {
            List<Long> reported = new ArrayList<>();
            double before = prior.cosine();
            prior.run(60, (step, loss) -> reported.add(step));
            prior.run(60, (step, loss) -> reported.add(step));
            assertThat(reported).containsExactly(25L, 50L, 60L, 75L, 100L, 120L);
            assertThat(prior.cosine()).isGreaterThan(before + 0.2).isGreaterThan(0.6);
            assertThat(prior.preview().getWidth()).isEqualTo(48);
        }
    }

    @Test
    void lookingAtTheRunDoesNotChangeIt() {
        PriorSettings settings = PriorSettings.fast(56, 6, 8);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior watched = DeepImagePrior.start(settings, backbone, null, WANTED);
                DeepImagePrior alone = DeepImagePrior.start(settings, backbone, null, WANTED)) {
            for (int i = 0; i < 6; i++) {
                watched.run(1, (step, loss) -> {});
                watched.preview();
                watched.cosine();
            }
            alone.run(6, (step, loss) -> {});
            assertThat(bits(watched.checkpoint())).isEqualTo(bits(alone.checkpoint()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "network", "paper"})
    void stepsLeaveNoArraysBehind(String preset) {
        PriorSettings settings = PriorSettings.of(preset, 72, 40, 8);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(settings, backbone, NORMALISER, WANTED)) {
            prior.run(5, (step, loss) -> {});
            int before = backbone.manager().getManagedArrays().size();
            prior.run(10, (step, loss) -> {});
            prior.preview();
            prior.cosine();
            prior.checkpoint();
            assertThat(backbone.manager().getManagedArrays().size()).isEqualTo(before);
        }
    }

    @Test
    void aCheckpointOfAnotherInversionIsRefused() {
        PriorSettings settings = PriorSettings.fast(48, 20, 3);
        PriorSettings other = PriorSettings.fast(48, 20, 4);
        try (TinyBackbone backbone = new TinyBackbone();
                DeepImagePrior prior = DeepImagePrior.start(settings, backbone, null, WANTED)) {
            Map<String, Tensor> checkpoint = prior.checkpoint();
            assertThatThrownBy(() -> DeepImagePrior.resume(other, backbone, null, WANTED, checkpoint))
                    .isInstanceOfSatisfying(
                            PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FILE))
                    .hasMessageContaining("another inversion");
            Map<String, Tensor> incomplete = new HashMap<>(checkpoint);
            incomplete.remove("mean.level.2");
            assertThatThrownBy(() -> DeepImagePrior.resume(settings, backbone, null, WANTED, incomplete))
                    .hasMessageContaining("no tensor mean.level.2");
        }
    }

    @Test
    void tooLargeAPictureIsRefusedWithTheMemoryThatItNeeds() {
        Painting paper = PriorSettings.paper(224, 1, 1).painting();
        assertThat(paper.bytes(224)).isBetween(50L << 20, 400L << 20);
        assertThatThrownBy(() -> SpaceCheck.memory(paper, 1024, 100L << 20))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("1024 pixels needs about")
                .hasMessageContaining("100 MiB are free");
        SpaceCheck.memory(paper, 224, 1L << 30);
        assertThat(SpaceCheck.freeMemory()).isPositive();
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
