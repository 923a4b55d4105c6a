package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.models.Head;
import org.junit.jupiter.api.Test;

class MarginsTest {
    /** w = identity, so that the hidden layer is what is positive of x. */
    private static final double[] W = {1, 0, 0, 1};

    @Test
    void ofOneOutputIsHowFarTheLogitIsFromNaught() {
        Head head = Head.of(2, W, new double[2], new double[] {2, -3}, new double[] {.5});

        assertThat(Margins.of(head, new float[] {1, 0, 0, 1, -1, -1}))
                .containsExactly(new double[] {2.5, 2.5, .5}, within(1e-12));
    }

    @Test
    void ofSeveralIsTheLargestLessTheNext() {
        Head head = Head.of(2, W, new double[2], new double[] {1, 0, 0, 1, -1, -1}, new double[3]);

        assertThat(Margins.of(head, new float[] {3, 1, 1, 4, 2, 2}))
                .containsExactly(new double[] {2, 3, 0}, within(1e-12));
    }
}
