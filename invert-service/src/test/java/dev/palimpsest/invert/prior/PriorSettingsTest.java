package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PriorSettingsTest {
    @Test
    void noiseFollowsThePhases() {
        PriorSettings network = PriorSettings.network(112, 600, 1);
        assertThat(LongStream.of(0, 299, 300, 449, 450, 599).mapToDouble(network::noiseAt))
                .containsExactly(0.3, 0.3, 0.1, 0.1, 0.03, 0.03);
        PriorSettings paper = PriorSettings.paper(224, 20_000, 1);
        assertThat(LongStream.of(9_999, 10_000, 15_000).mapToDouble(paper::noiseAt))
                .containsExactly(10.0, 2.0, 0.5);
        assertThat(paper.views()).isEqualTo(PriorSettings.Views.NONE);
    }

    @Test
    void theLearningRateCools() {
        PriorSettings fast = PriorSettings.fast(112, 200, 1);
        assertThat(fast.learningRateAt(0)).isEqualTo(0.05);
        assertThat(fast.learningRateAt(139)).isEqualTo(0.05);
        assertThat(fast.learningRateAt(170)).isCloseTo(0.05 * 0.525, within(1e-12));
        assertThat(PriorSettings.paper(224, 20_000, 1).learningRateAt(19_999)).isEqualTo(0.01);
    }

    @Test
    void thePaperIsThePaper() {
        PriorSettings paper = PriorSettings.paper(224, 20_000, 1);
        assertThat(paper.painting())
                .isEqualTo(new NetworkShape(32, List.of(16, 32, 64, 128, 128, 128), List.of(7, 7, 5, 5, 3, 3), 4));
        assertThat(paper.painting().smallest()).isEqualTo(65);
        assertThat(paper.restraint()).isEqualTo(PriorSettings.Restraint.NONE);
        assertThat(paper.memory() + paper.cooling()).isZero();
        assertThatThrownBy(() -> PriorSettings.paper(56, 10, 1)).hasMessageContaining("65 to 1024 pixels");
    }

    @Test
    void aPyramidHasAllSizes() {
        assertThat(PicturePyramid.levels(112)).containsExactly(2, 4, 7, 14, 28, 56, 112);
        assertThat(new PyramidShape(0.5, 0).weights(4)).isEqualTo(3 * (4 + 16));
    }

    @Test
    void valuesOutOfRangeAreNamed() {
        assertThatThrownBy(() -> PriorSettings.fast(32, 600, 1))
                .isInstanceOf(PalimpsestException.class)
                .hasMessage("Inversion: size is 32, expected 48 to 1024 pixels.");
        assertThatThrownBy(() -> PriorSettings.fast(112, 0, 1)).hasMessageContaining("steps is 0");
    }

    @Test
    void streamsOfSeedStepAndPurposeDiffer() {
        assertThat(LongStream.of(
                                Draws.mix(1, 0, Draws.Purpose.VIEW),
                                Draws.mix(1, 1, Draws.Purpose.VIEW),
                                Draws.mix(2, 0, Draws.Purpose.VIEW),
                                Draws.mix(1, 0, Draws.Purpose.PIXEL_NOISE))
                        .boxed())
                .doesNotHaveDuplicates()
                .allMatch(value -> value >= 0);
    }
}
