package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.palimpsest.models.Torch;
import org.junit.jupiter.api.Test;

class PicturePenaltyTest {
    private static final double STEP = 1e-6;
    private static final float[] VALUES = {0.5f, 0.95f, 0.2f, 0.02f};

    @Test
    void isTheFormulaAndItsGradient() {
        PriorSettings.Restraint restraint = new PriorSettings.Restraint(0.5, 0.25, 3);
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            float[] pixels = new float[12];
            double[] p = new double[12];
            for (int i = 0; i < 12; i++) {
                pixels[i] = i == 0 ? 0.99f : VALUES[i % 4];
                p[i] = pixels[i];
            }
            NDArray picture = manager.create(pixels, new Shape(1, 3, 2, 2));
            picture.setRequiresGradient(true);
            double value;
            try (GradientCollector tape = Torch.engine().newGradientCollector()) {
                NDArray sum = new PicturePenalty(manager, restraint).added(manager.create(1f), picture);
                tape.backward(sum);
                value = sum.getFloat();
            }

            assertThat(value).isCloseTo(1 + penalty(p, restraint), within(1e-6));
            float[] gradient = picture.getGradient().toFloatArray();
            for (int i = 0; i < 12; i++) {
                assertThat((double) gradient[i]).isCloseTo(slope(p, i, restraint), within(1e-4));
            }
        }
    }

    private static double penalty(double[] p, PriorSettings.Restraint restraint) {
        double sum = 0;
        for (int i = 0; i < 12; i++) {
            double grey = (p[i % 4] + p[4 + i % 4] + p[8 + i % 4]) / 3;
            double beyond = Math.max(0, Math.abs(Math.log(p[i] / (1.0 - p[i]))) - 2);
            sum += restraint.grey() * Math.pow(p[i] - grey, 2) + restraint.contrast() * beyond * beyond;
        }
        double differences = 0;
        for (int channel = 0; channel < 12; channel += 4) {
            for (int k = 0; k < 2; k++) {
                differences += Math.pow(p[channel + 2 * k] - p[channel + 2 * k + 1], 2);
                differences += Math.pow(p[channel + k] - p[channel + 2 + k], 2);
            }
        }
        return sum / 12 + restraint.grain() * differences / 6;
    }

    private static double slope(double[] p, int i, PriorSettings.Restraint restraint) {
        double[] up = p.clone();
        double[] down = p.clone();
        up[i] += STEP;
        down[i] -= STEP;
        return (penalty(up, restraint) - penalty(down, restraint)) / (2 * STEP);
    }
}
