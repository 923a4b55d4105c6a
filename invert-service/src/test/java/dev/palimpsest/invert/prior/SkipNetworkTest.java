package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.palimpsest.models.Torch;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SkipNetworkTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        Torch.threads(1);
        Torch.seed(11);
        manager = Torch.newManager(Device.cpu());
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void drawsPicturesOfSizesThatHalvesDoNotDivide() {
        SkipNetwork network = new SkipNetwork(manager, NetworkShape.SMALL, new SplittableRandom(1));
        for (int size : new int[] {48, 112, 101}) {
            NDArray picture = network.draw(manager.randomNormal(new Shape(1, NetworkShape.SMALL.inputs(), size, size)));
            assertThat(picture.getShape()).isEqualTo(new Shape(1, 3, size, size));
            assertThat(picture.min().getFloat()).isBetween(0f, 0.5f);
            assertThat(picture.max().getFloat()).isBetween(0.5f, 1f);
        }
    }

    @Test
    void theSeedDecidesTheWeights() {
        SkipNetwork one = new SkipNetwork(manager, NetworkShape.SMALL, new SplittableRandom(1));
        SkipNetwork same = new SkipNetwork(manager, NetworkShape.SMALL, new SplittableRandom(1));
        SkipNetwork other = new SkipNetwork(manager, NetworkShape.SMALL, new SplittableRandom(2));
        one.weights()
                .forEach((name, weight) ->
                        assertThat(same.weights().get(name).toFloatArray()).isEqualTo(weight.toFloatArray()));
        assertThat(other.weights().get("0.down.kernel").toFloatArray())
                .isNotEqualTo(one.weights().get("0.down.kernel").toFloatArray());
    }

    @Test
    void everyWeightHasTheGradientOfFiniteDifferences() {
        SkipNetwork network = new SkipNetwork(manager, NetworkShape.SMALL, new SplittableRandom(1));
        NDArray input = manager.randomNormal(new Shape(1, NetworkShape.SMALL.inputs(), 48, 48));
        NDArray target = manager.randomUniform(0f, 1f, new Shape(1, 3, 48, 48));
        try (GradientCollector tape = Torch.engine().newGradientCollector()) {
            tape.backward(network.draw(input).mul(target).sum());
        }
        // Scales before another normalisation have no slope to measure, so the last layers stand for all.
        for (String name :
                new String[] {"picture.kernel", "picture.bias", "0.mix.scale", "0.mix.kernel", "0.merge.kernel"}) {
            NDArray weight = network.weights().get(name);
            float[] values = weight.toFloatArray();
            int index = values.length / 2;
            double step = 5e-3;
            double slope = (value(network, input, target, weight, values, index, step)
                            - value(network, input, target, weight, values, index, -step))
                    / (2 * step);
            double gradient = weight.getGradient().toFloatArray()[index];
            assertThat(gradient).as(name).isCloseTo(slope, within(0.05 * Math.abs(slope) + 0.02));
            assertThat(Math.abs(slope)).as(name).isGreaterThan(0.05);
        }
        network.weights()
                .forEach((name, weight) -> assertThat(
                                weight.getGradient().abs().max().getFloat())
                        .as(name)
                        .isPositive());
    }

    private static double value(
            SkipNetwork network,
            NDArray input,
            NDArray target,
            NDArray weight,
            float[] values,
            int index,
            double step) {
        float[] moved = values.clone();
        moved[index] += (float) step;
        weight.set(FloatBuffer.wrap(moved));
        double value = 0;
        for (float product : network.draw(input).mul(target).toFloatArray()) {
            value += product;
        }
        weight.set(FloatBuffer.wrap(values));
        return value;
    }
}
