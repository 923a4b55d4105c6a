package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormaliserTest {
    private static final Normaliser NORMALISER = new Normaliser(new double[] {1, -2}, new double[] {2, .5});

    @Test
    void scoresRowByRowAndBack() {
        double[] scores = NORMALISER.apply(new float[] {3, -2, 1, -1});
        assertThat(scores).containsExactly(1, 0, 0, 2);
        assertThat(NORMALISER.invert(scores)).containsExactly(3, -2, 1, -1);
    }

    @Test
    void fitsMeanAndSampleDeviation() {
        Normaliser fitted = Normaliser.fit(new float[] {1, 5, 2, 5, 6, 5}, 2);
        assertThat(fitted.mean()).containsExactly(3, 5);
        assertThat(fitted.std()[0]).isCloseTo(Math.sqrt(7), within(1e-12));
        assertThat(fitted.std()[1])
                .as("a constant feature becomes 0, not infinite")
                .isEqualTo(1);
    }

    @Test
    void survivesFileAndStreamInFullPrecision(@TempDir Path folder) {
        Normaliser third = new Normaliser(new double[] {1 / 3.0}, new double[] {Math.PI});
        Path file = folder.resolve("normaliser.safetensors");
        third.save(file);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        third.save(bytes);
        Normaliser stream = Normaliser.read(new ByteArrayInputStream(bytes.toByteArray()), "stream");
        for (Normaliser back : new Normaliser[] {Normaliser.read(file), stream}) {
            assertThat(back.mean()).containsExactly(1 / 3.0);
            assertThat(back.std()).containsExactly(Math.PI);
        }
        try (Safetensors stored = Safetensors.open(file)) {
            assertThat(stored.tensor("mean").dtype()).isEqualTo(Dtype.F64);
        }
    }

    @Test
    void refusesOtherWidthsAndBadNumbers() {
        assertThatThrownBy(() -> NORMALISER.apply(new float[3])).hasMessageContaining("3 numbers are not rows of 2");
        assertThatThrownBy(() -> new Normaliser(new double[2], new double[3]))
                .hasMessageContaining("mean has 2 numbers and std 3");
        assertThatThrownBy(() -> new Normaliser(new double[] {0, 0}, new double[] {1, 0}))
                .hasMessageContaining("feature 1 has mean 0.0 and std 0.0");
        assertThatThrownBy(() -> Normaliser.fit(new float[2], 2)).hasMessageContaining("at least two embeddings");
    }
}
