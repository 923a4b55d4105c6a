package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.PalimpsestException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PriorSettingsTest {
    @Test
    void noiseFollowsThePhases() {
        PriorSettings fast = PriorSettings.fast(112, 600, 1);
        assertThat(LongStream.of(0, 299, 300, 449, 450, 599).mapToDouble(fast::noiseAt))
                .containsExactly(0.3, 0.3, 0.1, 0.1, 0.03, 0.03);
        PriorSettings paper = PriorSettings.paper(224, 20_000, 1);
        assertThat(LongStream.of(9_999, 10_000, 15_000).mapToDouble(paper::noiseAt))
                .containsExactly(10.0, 2.0, 0.5);
        assertThat(paper.views()).isEqualTo(PriorSettings.Views.NONE);
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
