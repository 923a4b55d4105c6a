package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.palimpsest.models.Torch;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamTest {
    private static final double[][] GRADIENTS = {{3, -0.5, 1e-3, 0}, {-1, -0.25, 2e-3, 0}, {0.5, 4, -1e-3, 1}};
    private static final double[] RATES = {0.01, 0.01, 0.004};

    /** Algorithm 1 of the paper, number by number; with its epsilon on the uncorrected root, as section 2 allows, which costs 5e-6 here. */
    @Test
    void movesAsThePaperSays() {
        Torch.threads(1);
        double[] expected = {1, -2, 0.5, 0};
        double[] mean = new double[4];
        double[] variance = new double[4];
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray weight = manager.create(new float[] {1, -2, 0.5f, 0});
            weight.setRequiresGradient(true);
            Adam adam = new Adam(manager, Map.of("weight", weight));
            for (int step = 0; step < GRADIENTS.length; step++) {
                float[] slope = new float[4];
                for (int i = 0; i < 4; i++) {
                    double g = GRADIENTS[step][i];
                    slope[i] = (float) g;
                    mean[i] = 0.9 * mean[i] + 0.1 * g;
                    variance[i] = 0.999 * variance[i] + 0.001 * g * g;
                    double m = mean[i] / (1 - Math.pow(0.9, step + 1));
                    double v = variance[i] / (1 - Math.pow(0.999, step + 1));
                    expected[i] -= RATES[step] * m / (Math.sqrt(v) + 1e-8);
                }
                try (GradientCollector tape = Torch.engine().newGradientCollector()) {
                    tape.backward(weight.mul(manager.create(slope)).sum());
                }
                adam.update(step, RATES[step]);
            }
            float[] found = weight.toFloatArray();
            for (int i = 0; i < 4; i++) {
                assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
            }
        }
    }
}
