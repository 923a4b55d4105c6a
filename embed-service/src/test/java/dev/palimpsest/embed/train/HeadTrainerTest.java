package dev.palimpsest.embed.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTrainerTest {
    private static final int N = 12;
    private static final int D = 16;
    private static final double WEIGHT_DECAY = 0.08;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    /** One step moves every parameter by -lr times the numerical gradient of the loss in float64. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void oneStepFollowsTheNumericalGradient(int classes) {
        double rate = 0.01;
        TrainSettings settings = TrainSettings.of(classes, 6, rate, WEIGHT_DECAY, 1, 5);
        double[] x = inputs();
        int[] labels = labels(classes);
        try (HeadTrainer trainer = new HeadTrainer(settings, x, labels, Device.cpu(), null)) {
            Head before = trainer.head();
            trainer.run(1, epoch -> {});
            Head after = trainer.head();
            for (int k : new int[] {0, 17, 50, 95}) {
                double gradient = (loss(before, k, 1e-5, x, labels) - loss(before, k, -1e-5, x, labels)) / 2e-5;
                double moved = (before.w()[k] - after.w()[k]) / rate;
                assertThat(moved).isCloseTo(gradient, within(2e-4));
            }
        }
    }

    /** The same for heads of other forms, for a weight and a bias of every layer. */
    @ParameterizedTest
    @CsvSource({
        "2, 2, relu, cross-entropy, hidden",
        "3, 3, tanh, cross-entropy, all",
        "3, 2, gelu, mse, all",
        "2, 1, relu, mse, none",
        "2, 1, gelu, huber, all",
        "3, 0, relu, cross-entropy, all"
    })
    void oneStepFollowsTheNumericalGradientWhateverTheForm(
            int classes, int depth, String activation, String loss, String biases) {
        HeadForm form = HeadForm.of(depth, activation, loss, biases);
        TrainSettings settings = TrainSettings.of(classes, 6, .01, WEIGHT_DECAY, 1, 5, form);
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(classes), Device.cpu(), null)) {
            Head before = trainer.head();
            trainer.run(1, epoch -> {});
            Head after = trainer.head();
            assertThat(before.depth()).isEqualTo(depth);
            for (int k = 0; k <= depth; k++) {
                Head.Layer layer = before.layers().get(k);
                double moved = (layer.weight()[3] - after.layers().get(k).weight()[3]) / .01;
                assertThat(moved).isCloseTo(slope(before, form.loss(), k, true, classes), within(4e-4));
                assertThat(layer.bias() != null).isEqualTo(form.biases().at(k, depth + 1));
                if (layer.bias() != null) {
                    moved = (layer.bias()[0] - after.layers().get(k).bias()[0]) / .01;
                    assertThat(moved).isCloseTo(slope(before, form.loss(), k, false, classes), within(4e-4));
                }
            }
        }
    }

    /**
     * From the same start values, written to a file and read again, PyTorch's automatic differentiation with its own step comes to the same
     * weights: 10 000 epochs in float64. bench/run same-head compares with PyTorch in Python.
     */
    @Test
    void tenThousandEpochsFromAFileAreThoseOfAutomaticDifferentiation(@TempDir Path folder) {
        int hidden = 10;
        Map<String, Tensor> drawn = Map.of(
                "epoch", Tensor.ofLongs(new long[] {0}, 1),
                "0.weight", Tensor.ofDoubles(uniform(hidden * D, 1), hidden, D),
                "0.bias", Tensor.ofDoubles(uniform(hidden, 2), hidden),
                "2.weight", Tensor.ofDoubles(uniform(hidden, 3), 1, hidden));
        Path file = folder.resolve("start.safetensors");
        SafetensorsWriter.write(file, drawn, Map.of());
        Map<String, Tensor> start;
        try (Safetensors read = Safetensors.open(file)) {
            start = read.tensors();
            double[][] theirs = byAutomaticDifferentiation(start, hidden, 10_000);
            TrainSettings settings = TrainSettings.of(2, hidden, 0.01, WEIGHT_DECAY, 10_000, 0);
            try (HeadTrainer trainer = HeadTrainer.precise(settings, inputs(), labels(2), start)) {
                trainer.run(10_000, epoch -> {});
                Head ours = trainer.head();
                assertThat(distance(ours.w(), theirs[0])).isLessThan(1e-6);
                assertThat(distance(Objects.requireNonNull(ours.b()), theirs[1]))
                        .isLessThan(1e-6);
                assertThat(distance(ours.v(), theirs[2])).isLessThan(1e-6);
            }
        }
    }

    private static double[][] byAutomaticDifferentiation(Map<String, Tensor> start, int hidden, int epochs) {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            NDArray x = manager.create(inputs(), new Shape(N, D));
            NDArray t = manager.create(HeadGradient.targets(labels(2), 1), new Shape(N, 1));
            NDArray[] theta = {
                manager.create(HeadTrainer.part(start, "0.weight").toDoubles(), new Shape(hidden, D)),
                manager.create(HeadTrainer.part(start, "0.bias").toDoubles(), new Shape(hidden)),
                manager.create(HeadTrainer.part(start, "2.weight").toDoubles(), new Shape(1, hidden))
            };
            for (int epoch = 0; epoch < epochs; epoch++) {
                try (NDManager scope = manager.newSubManager();
                        GradientCollector tape = Torch.engine().newGradientCollector()) {
                    for (NDArray parameter : theta) {
                        parameter.setRequiresGradient(true);
                    }
                    NDArray h = Activation.relu(x.matMul(theta[0].transpose()).add(theta[1]));
                    NDArray margin = h.matMul(theta[2].transpose()).mul(t);
                    tape.backward(margin.neg().exp().add(1.).log().mean());
                    for (int k = 0; k < theta.length; k++) {
                        NDArray before = theta[k];
                        NDArray next = before.stopGradient();
                        next = next.sub(
                                before.getGradient().add(next.mul(WEIGHT_DECAY)).mul(0.01));
                        next.attach(manager);
                        theta[k] = next;
                        before.close();
                    }
                }
            }
            return Arrays.stream(theta).map(NDArray::toDoubleArray).toArray(double[][]::new);
        }
    }

    private static double distance(double[] ours, double[] theirs) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < theirs.length; i++) {
            squares += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
            all += theirs[i] * theirs[i];
        }
        return Math.sqrt(squares / all);
    }

    private static double[] uniform(int count, long seed) {
        return new SplittableRandom(seed).doubles(count, -.25, .25).toArray();
    }

    private static double slope(Head head, HeadForm.Loss loss, int layer, boolean weight, int classes) {
        double[] at = new double[2];
        for (int side = 0; side < 2; side++) {
            List<Head.Layer> layers = new ArrayList<>(head.layers());
            Head.Layer old = layers.get(layer);
            double[] w = old.weight().clone();
            double[] b = old.bias() == null ? null : old.bias().clone();
            double[] moved = weight ? w : b;
            moved[weight ? 3 : 0] += side == 0 ? -1e-5 : 1e-5;
            layers.set(layer, new Head.Layer(old.outputs(), old.inputs(), w, b));
            Head there = Head.of(head.activation(), layers);
            at[side] =
                    HeadCheck.check(there, loss, inputs(), labels(classes), 0).loss()
                            + WEIGHT_DECAY / 2 * there.squaredLength();
        }
        return (at[1] - at[0]) / 2e-5;
    }

    /** Mean loss plus weight decay, with one weight of W moved. */
    private static double loss(Head head, int index, double by, double[] x, int[] labels) {
        double[] w = head.w().clone();
        w[index] += by;
        Head moved = Head.of(head.inputs(), w, head.b(), head.v(), null);
        return HeadCheck.check(moved, x, labels, WEIGHT_DECAY).loss() + WEIGHT_DECAY / 2 * w[index] * w[index];
    }

    @Test
    void anInterruptedTrainingGivesTheSameHeadBitForBit() {
        TrainSettings settings = TrainSettings.of(2, 32, 0.01, WEIGHT_DECAY, 300, 7);
        Head straight;
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(2), Device.cpu(), null)) {
            trainer.run(300, epoch -> {});
            straight = trainer.head();
        }
        Map<String, Tensor> checkpoint;
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(2), Device.cpu(), null)) {
            assertThat(trainer.run(130, epoch -> {})).isEqualTo(130);
            checkpoint = trainer.checkpoint();
        }
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(2), Device.cpu(), checkpoint)) {
            assertThat(trainer.run(1_000, epoch -> {})).isEqualTo(300);
            assertThat(trainer.done()).isTrue();
            assertThat(trainer.head().w()).containsExactly(straight.w());
            assertThat(trainer.head().v()).containsExactly(straight.v());
        }
    }

    @Test
    void longTrainingComesCloseToStationarity() {
        TrainSettings settings = TrainSettings.of(2, 32, 0.05, WEIGHT_DECAY, 4_000, 7);
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(2), Device.cpu(), null)) {
            HeadCheck.Result start = HeadCheck.check(trainer.head(), inputs(), labels(2), WEIGHT_DECAY);
            trainer.run(4_000, epoch -> {});
            HeadCheck.Result end = HeadCheck.check(trainer.head(), inputs(), labels(2), WEIGHT_DECAY);
            assertThat(start.residual()).isGreaterThan(0.5);
            // Not to zero: members that come to lie on a neuron's kink keep a share of it.
            assertThat(end.residual()).isLessThan(0.6 * start.residual());
            assertThat(end.accuracy()).isEqualTo(1.0);
            assertThat(HeadCheck.check(trainer.head(), inputs(), labels(2), 0).residual())
                    .isNaN();
        }
    }

    @Test
    void labelsAndSettingsOutOfRangeAreRefused() {
        TrainSettings settings = TrainSettings.of(2, 4, 0.01, 0, 1, 0);
        assertThatThrownBy(() -> new HeadTrainer(
                        settings, inputs(), new int[] {0, 1, 2, 0, 1, 0, 1, 0, 1, 0, 1, 0}, Device.cpu(), null))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("Sample 2 has label 2");
        assertThatThrownBy(() -> TrainSettings.of(2, 0, 0.01, 0, 1, 0)).hasMessageContaining("hidden 0");
    }

    private static double[] inputs() {
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[N * D];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextDouble() * 3 - 1.5;
        }
        return x;
    }

    private static int[] labels(int classes) {
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            labels[i] = i % classes;
        }
        return labels;
    }
}
