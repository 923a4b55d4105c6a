package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class SpectrumTest {
    /** diag(3, 2) in the first two of three columns; the third row repeats the first. */
    private static final DMatrixRMaj WIDE = new DMatrixRMaj(new double[][] {{3, 0, 0, 0}, {0, 2, 0, 0}, {3, 0, 0, 0}});

    @Test
    void keepsTheSingularValuesAboveTheCut() {
        assertThat(Spectrum.of(WIDE, 1e-3).s()).containsExactly(new double[] {Math.sqrt(18), 2}, within(1e-12));
        assertThat(Spectrum.of(WIDE, .5).rank()).isEqualTo(1);
    }

    @Test
    void givesTheMatrixBackForBothShapes() {
        for (DMatrixRMaj a : new DMatrixRMaj[] {WIDE, CommonOps_DDRM.transpose(WIDE, null)}) {
            Spectrum spectrum = Spectrum.of(a, 1e-3);
            DMatrixRMaj middle = CommonOps_DDRM.diag(spectrum.s());
            DMatrixRMaj left = CommonOps_DDRM.mult(spectrum.left(), middle, null);

            assertThat(CommonOps_DDRM.mult(left, spectrum.right(), null).data).containsExactly(a.data, within(1e-12));
        }
    }

    @Test
    void refusesAFirstLayerOfZeros() {
        Head empty = Head.of(2, new double[6], new double[3], new double[] {1, 1, 1}, null);

        assertThatThrownBy(() -> RowSpace.of(empty))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("first layer of the head is zero");
    }
}
