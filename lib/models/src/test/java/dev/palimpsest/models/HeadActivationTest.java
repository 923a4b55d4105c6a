package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeadActivationTest {
    private static final double[] POINTS = {-6, -2.5, -1, -.3, .2, .9, 1.7, 5};
    private static final double STEP = 1e-4;

    /** Derivatives against central differences, arrays against single numbers. */
    @ParameterizedTest
    @EnumSource(HeadActivation.class)
    void derivativesAreThoseOfTheValue(HeadActivation activation) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray z = manager.create(POINTS);
            HeadActivation.Values at = activation.at(z);
            HeadActivation.Values up = activation.at(z.add(STEP));
            HeadActivation.Values down = activation.at(z.sub(STEP));
            double[] slope = up.value().sub(down.value()).div(2 * STEP).toDoubleArray();
            double[] curvature = up.slope().sub(down.slope()).div(2 * STEP).toDoubleArray();
            assertThat(at.slope().toDoubleArray()).containsExactly(slope, within(1e-7));
            assertThat(at.curvature().toDoubleArray()).containsExactly(curvature, within(1e-7));
            for (int i = 0; i < POINTS.length; i++) {
                assertThat(activation.value(POINTS[i])).isCloseTo(at.value().toDoubleArray()[i], within(6e-7));
                assertThat(activation.slope(POINTS[i])).isCloseTo(at.slope().toDoubleArray()[i], within(1e-6));
            }
        }
    }
}
