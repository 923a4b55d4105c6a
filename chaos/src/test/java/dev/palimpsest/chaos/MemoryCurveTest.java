package dev.palimpsest.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryCurveTest {
    private static final long MIB = 1 << 20;

    @Test
    void aLeakIsTheSlopeWhateverItBeganWith() {
        // 300 MiB that fill up over the first 500 units, then 144 KiB a unit, with 2 MiB of noise.
        assertThat(curve(144 * 1024).bytesPerUnit(1_000)).isCloseTo(144 * 1024, within(2_000.0));
        assertThat(curve(0).bytesPerUnit(1_000)).isCloseTo(0, within(2_000.0));
    }

    @Test
    void tooFewPointsSayNothing() {
        assertThatThrownBy(() -> curve(0).bytesPerUnit(1_950)).isInstanceOf(IllegalStateException.class);
    }

    private static MemoryCurve curve(long leak) {
        SplittableRandom random = new SplittableRandom(5);
        MemoryCurve curve = new MemoryCurve();
        for (long units = 0; units <= 2_000; units += 20) {
            long fills = 300 * MIB * Math.min(units, 500) / 500;
            curve.add(units, 200 * MIB + fills + units * leak + random.nextLong(2 * MIB));
        }
        return curve;
    }
}
