package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ResamplingTest {
    @Test
    void enlargingHoldsTheEdgesAndWeighsByDistance() {
        assertThat(apply(Resampling.enlarge(2, 4), 0, 8)).containsExactly(0, 2, 6, 8);
        assertThat(apply(Resampling.enlarge(4, 7), 0, 7, 14, 21))
                .containsExactly(new float[] {0, 2.5f, 6.5f, 10.5f, 14.5f, 18.5f, 21}, within(1e-5f));
    }

    @Test
    void theTransposeSwapsRowsAndColumns() {
        assertThat(Resampling.transpose(new float[] {1, 2, 3, 4, 5, 6}, 2)).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void aViewWithoutChangeIsTheIdentity() {
        float[] matrix = Resampling.view(5, 1, 0);
        for (int i = 0; i < 25; i++) {
            assertThat(matrix[i]).isEqualTo(i / 5 == i % 5 ? 1f : 0f);
        }
    }

    @Test
    void aMoveMirrorsAtTheEdge() {
        assertThat(apply(Resampling.view(5, 1, 2), 0, 10, 20, 30, 40)).containsExactly(20, 10, 0, 10, 20);
        assertThat(apply(Resampling.view(5, 1, -2), 0, 10, 20, 30, 40)).containsExactly(20, 30, 40, 30, 20);
        assertThat(apply(Resampling.view(5, 1, 0.5), 0, 10, 20, 30, 40)).containsExactly(3.75f, 3.75f, 15, 25, 36.25f);
    }

    @Test
    void scalingKeepsTheCentre() {
        assertThat(apply(Resampling.view(5, 2, 0), 0, 10, 20, 30, 40)).containsExactly(10, 15, 20, 25, 30);
    }

    private static float[] apply(float[] matrix, float... line) {
        float[] result = new float[matrix.length / line.length];
        for (int i = 0; i < matrix.length; i++) {
            result[i / line.length] += matrix[i] * line[i % line.length];
        }
        return result;
    }
}
