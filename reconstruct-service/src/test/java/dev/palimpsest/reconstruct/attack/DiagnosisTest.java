package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {

    @ParameterizedTest
    @CsvSource({
        "food2, 85, 100, 3.35e-4",
        "food2-mnv2, 66, 100, 3.35e-4",
        "trash2, 39, 100, 3.35e-4",
        "text2, 34, 100, 3.35e-4",
        "food10, 98, 100, 3.35e-4",
        "trash4, 41, 100, 3.35e-4"
    })
    void headsWithWeightDecayPassAndTellHowLongTheyWereTrained(String name, int least, int most, double start) {
        Diagnosis diagnosis = diagnosis(name);

        assertThat(diagnosis.stationary()).isTrue();
        assertThat(diagnosis.directions()).isBetween(least, most);
        assertThat(diagnosis.startLeft()).isCloseTo(start, within(.1 * start));
        assertThat(diagnosis.sentences()).isEmpty();
    }

    @Test
    void aHeadWithoutWeightDecayKeepsItsStart() {
        Diagnosis diagnosis = diagnosis("food2-nowd");

        assertThat(diagnosis.stationary()).isFalse();
        assertThat(diagnosis.startLeft()).isCloseTo(1, within(.05));
        assertThat(diagnosis.residualAtLeast()).isGreaterThan(.7);
        assertThat(diagnosis.sentences()).hasSize(2);
    }

    @Test
    void aHeadTrainedByAdamIsNotBalanced() {
        Diagnosis diagnosis = diagnosis("food2-adam");

        assertThat(diagnosis.stationary()).isFalse();
        assertThat(diagnosis.startLeft()).isLessThan(.1);
        assertThat(diagnosis.sentences().get(1)).contains("another optimiser");
    }

    /** Of a square matrix the law is the quarter circle: half of the singular values lie below .81 (0.8079 in tables). */
    @Test
    void theLawOfRandomMatrices() {
        assertThat(MarchenkoPastur.quantile(.5, 1)).isCloseTo(.8079, within(1e-3));
        assertThat(MarchenkoPastur.quantile(1e-9, .25)).isCloseTo(.5, within(1e-3));
        assertThat(MarchenkoPastur.quantile(1, .25)).isCloseTo(1.5, within(1e-3));
    }

    private static Diagnosis diagnosis(String name) {
        HeadFixture fixture = HeadFixture.read(name);
        return Diagnosis.of(fixture.head(), RowSpace.of(fixture.head()).singularValues(), fixture.n());
    }
}
