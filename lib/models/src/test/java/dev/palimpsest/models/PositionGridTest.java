package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PositionGridTest {

    @Test
    void keepsConstantsAndTheStoredSize() {
        float[] grid = {3, 1, 4, 1};
        assertThat(PositionGrid.resize(grid, 2, 2, 1, PositionGrid.Method.BICUBIC))
                .containsExactly(grid);
        assertThat(PositionGrid.resize(new float[] {5, 5, 5, 5, 5, 5, 5, 5, 5}, 3, 7, 1, PositionGrid.Method.BICUBIC))
                .containsOnly(5);
    }

    /** By hand: at a quarter between samples, a = -0.75, the weights are -27/256, 225/256, 67/256, -9/256. */
    @Test
    void doublesARampByTheCubicWithClampedEdges() {
        float[] columns = {0, 256, 0, 256};
        float[] resized = PositionGrid.resize(columns, 2, 4, 1, PositionGrid.Method.BICUBIC);
        assertThat(resized[1]).isEqualTo(67 - 9);
        assertThat(resized[2]).isEqualTo(225 - 27);
        assertThat(resized[0]).isEqualTo(-27);
        assertThat(resized[3]).isEqualTo(225 + 67 - 9);
    }
}
