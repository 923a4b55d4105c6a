package dev.palimpsest.embed.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefendedTrainingTest {
    private static final int N = 10;
    private static final int D = 8;
    private static final int HIDDEN = 40;
    private static final double RATE = .01;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    /** The loss with smoothed labels is the mean of the losses with each label, weighed by its share. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void smoothedLabelsGiveTheMixedGradient(int classes) {
        double s = .3;
        double[] expected = scaled(step(classes, TrainDefence.NONE, inputs(), labels(classes)), 1 - s);
        for (int c = 0; c < classes; c++) {
            int[] all = new int[N];
            Arrays.fill(all, c);
            double[] part = scaled(step(classes, TrainDefence.NONE, inputs(), all), s / classes);
            Arrays.setAll(expected, sum(expected, part));
        }
        assertClose(step(classes, smoothing(s), inputs(), labels(classes)), expected);
    }

    /** Each sample's gradient, taken alone by a training on that sample, cut and averaged by hand. */
    @ParameterizedTest
    @ValueSource(doubles = {.5, 1, 1e6})
    void eachSamplesGradientIsCut(double clip) {
        double[] expected = new double[HIDDEN * D + HIDDEN + HIDDEN];
        int cut = 0;
        for (int i = 0; i < N; i++) {
            double[] alone = step(
                    2, TrainDefence.NONE, Arrays.copyOfRange(inputs(), i * D, (i + 1) * D), new int[] {labels(2)[i]});
            double length = Math.sqrt(Arrays.stream(alone).map(x -> x * x).sum());
            cut += length > clip ? 1 : 0;
            Arrays.setAll(expected, sum(expected, scaled(alone, Math.min(1, clip / length) / N)));
        }
        assertThat(cut).isEqualTo(clip > 10 ? 0 : N);
        assertClose(step(2, dp(clip, 1e-9 / clip, 0), inputs(), labels(2)), expected);
    }

    @Test
    void theNoiseOfDpSgdHasTheDeviationItSays() {
        double[] without = step(2, dp(2, 1e-9, 0), inputs(), labels(2));
        double[] with = step(2, dp(2, 50, 0), inputs(), labels(2));
        double[] noise = IntStream.range(0, with.length)
                .mapToDouble(i -> with[i] - without[i])
                .toArray();
        double deviation = Math.sqrt(Arrays.stream(noise).map(x -> x * x).sum() / noise.length);
        assertThat(deviation).isCloseTo(2 * 50. / N, within(.1 * 2 * 50 / N));
        assertThat(Arrays.stream(noise).sum() / noise.length).isCloseTo(0, within(4 * deviation / 20));
    }

    /** Rows drawn for DP-SGD come and go by chance, an empty step is one of noise alone. */
    @Test
    void samplesOfAStepAreDrawn() {
        SplittableRandom random = new SplittableRandom(1);
        int taken = 0;
        boolean empty = false;
        for (int i = 0; i < 500; i++) {
            int[] rows = dp(1, 1, 2).rows(N, random);
            taken += rows.length;
            empty |= rows.length == 0;
            assertThat(batch(3).rows(N, random)).hasSize(3).isSorted().doesNotHaveDuplicates();
        }
        assertThat(taken / 500.).isCloseTo(2, within(.3));
        assertThat(empty).isTrue();
        double[] alone = step(2, dp(1, 1e-9, 1), inputs(), labels(2), 300);
        assertThat(Arrays.stream(alone).allMatch(Double::isFinite)).isTrue();
    }

    /** The gradient of a row of W is a multiple of the one sample that the step saw. */
    @Test
    void aBatchOfOneMovesAlongOneSample() {
        double[] moved = step(2, batch(1), inputs(), labels(2));
        double best = IntStream.range(0, N)
                .mapToDouble(i -> Math.abs(cosine(row(moved), Arrays.copyOfRange(inputs(), i * D, (i + 1) * D))))
                .max()
                .orElseThrow();
        assertThat(best).isGreaterThan(.9999);
    }

    @Test
    void noiseOnEmbeddingsTurnsThem() {
        double[] one = Arrays.copyOf(inputs(), D);
        int[] label = {0};
        assertThat(Math.abs(cosine(row(step(2, TrainDefence.NONE, one, label)), one)))
                .isGreaterThan(.9999);
        TrainDefence noise = new TrainDefence(0, 0, 0, Optimiser.Kind.PLAIN, .3, null);
        assertThat(Math.abs(cosine(row(step(2, noise, one, label)), one))).isBetween(.6, .99);
    }

    @Test
    void aDroppedNeuronDoesNotMove() {
        TrainDefence half = new TrainDefence(.5, 0, 0, Optimiser.Kind.PLAIN, 0, null);
        double[] one = Arrays.copyOf(inputs(), D);
        double[] plain = step(2, TrainDefence.NONE, one, new int[] {0});
        double[] dropped = step(2, half, one, new int[] {0});
        int still = 0;
        int active = 0;
        for (int k = 0; k < HIDDEN; k++) {
            int v = HIDDEN * D + HIDDEN + k;
            active += plain[v] != 0 ? 1 : 0;
            still += plain[v] != 0 && dropped[v] == 0 ? 1 : 0;
        }
        assertThat((double) still / active).isBetween(.25, .75);
    }

    /** The second step by the published formulas, from gradients that the plain trainer takes at the same weights. */
    @ParameterizedTest
    @CsvSource({"MOMENTUM", "ADAM"})
    void theSecondStepFollowsTheFormula(Optimiser.Kind kind) {
        TrainSettings settings = settings(2, 2).with(new TrainDefence(0, 0, 0, kind, 0, null));
        double[] g1 = step(2, TrainDefence.NONE, inputs(), labels(2));
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(2), Device.cpu(), null)) {
            trainer.run(1, epoch -> {});
            double[] before = flat(trainer.head());
            double[] g2;
            try (HeadTrainer plain =
                    new HeadTrainer(settings(2, 2), inputs(), labels(2), Device.cpu(), trainer.checkpoint())) {
                plain.run(1, epoch -> {});
                g2 = difference(before, flat(plain.head()));
            }
            trainer.run(1, epoch -> {});
            double[] moved = difference(before, flat(trainer.head()));
            double[] expected = new double[g1.length];
            for (int i = 0; i < expected.length; i++) {
                double m = .09 * g1[i] + .1 * g2[i];
                double v = .000999 * g1[i] * g1[i] + .001 * g2[i] * g2[i];
                expected[i] = kind == Optimiser.Kind.MOMENTUM
                        ? .9 * g1[i] + g2[i]
                        : m / .19 / (Math.sqrt(v / .001999) + 1e-8);
            }
            int agree = 0;
            for (int i = 0; i < expected.length; i++) {
                // Gradients are differences of float32 weights: where they are tiny, Adam's ratio of two of them is
                // noise.
                if (Math.abs(g1[i]) > 1e-3 && Math.abs(g2[i]) > 1e-3) {
                    assertThat(moved[i]).isCloseTo(expected[i], within(.02 * Math.max(1, Math.abs(expected[i]))));
                    agree++;
                }
            }
            assertThat(agree).isGreaterThan(100);
        }
    }

    @Test
    void anInterruptedDefendedTrainingGivesTheSameHeadBitForBit() {
        TrainSettings settings = settings(3, 40)
                .with(new TrainDefence(.2, .1, 4, Optimiser.Kind.ADAM, .1, new DpSgd(1, 1, DpSgd.DELTA)));
        double[] straight;
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(3), Device.cpu(), null)) {
            trainer.run(40, epoch -> {});
            straight = flat(trainer.head());
        }
        Map<String, Tensor> checkpoint;
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(3), Device.cpu(), null)) {
            trainer.run(17, epoch -> {});
            checkpoint = trainer.checkpoint();
        }
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs(), labels(3), Device.cpu(), checkpoint)) {
            trainer.run(40, epoch -> {});
            assertThat(flat(trainer.head())).containsExactly(straight);
        }
    }

    @Test
    void aSpecBecomesADefence() {
        DefenceSpec spec = new DefenceSpec(.5, .1, 8, "adam", .2, 1., 2., null, null, null, null, null, null);
        assertThat(TrainDefence.of(spec))
                .isEqualTo(new TrainDefence(.5, .1, 8, Optimiser.Kind.ADAM, .2, new DpSgd(1, 2, 1e-5)));
        assertThat(TrainDefence.of(null).none()).isTrue();
        assertThat(batch(20).rate(10)).isEqualTo(1);
        assertThat(batch(5).rate(10)).isEqualTo(.5);
    }

    private static TrainDefence smoothing(double s) {
        return new TrainDefence(0, s, 0, Optimiser.Kind.PLAIN, 0, null);
    }

    private static TrainDefence batch(int size) {
        return new TrainDefence(0, 0, size, Optimiser.Kind.PLAIN, 0, null);
    }

    private static TrainDefence dp(double clip, double noise, int batch) {
        return new TrainDefence(0, 0, batch, Optimiser.Kind.PLAIN, 0, new DpSgd(clip, noise, DpSgd.DELTA));
    }

    private static TrainSettings settings(int classes, int epochs) {
        return TrainSettings.of(classes, HIDDEN, RATE, 0, epochs, 5);
    }

    private static double[] step(int classes, TrainDefence defence, double[] x, int[] labels) {
        return step(classes, defence, x, labels, 1);
    }

    /** What training moves the parameters by, against the gradient's direction, in units of the learning rate. */
    private static double[] step(int classes, TrainDefence defence, double[] x, int[] labels, int epochs) {
        TrainSettings settings = settings(classes, epochs).with(defence);
        try (HeadTrainer trainer = new HeadTrainer(settings, x, labels, Device.cpu(), null)) {
            double[] before = flat(trainer.head());
            trainer.run(epochs, epoch -> {});
            return difference(before, flat(trainer.head()));
        }
    }

    private static double[] flat(Head head) {
        return IntStream.of(0, 1, 2)
                .mapToObj(i -> i == 0 ? head.w() : i == 1 ? head.b() : head.v())
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private static double[] difference(double[] before, double[] after) {
        return IntStream.range(0, before.length)
                .mapToDouble(i -> (before[i] - after[i]) / RATE)
                .toArray();
    }

    /** The row of W that moved most. */
    private static double[] row(double[] moved) {
        return IntStream.range(0, HIDDEN)
                .mapToObj(k -> Arrays.copyOfRange(moved, k * D, (k + 1) * D))
                .max((a, b) -> Double.compare(dot(a, a), dot(b, b)))
                .orElseThrow();
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static double cosine(double[] a, double[] b) {
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    }

    private static double[] scaled(double[] values, double by) {
        DoubleUnaryOperator times = x -> by * x;
        return Arrays.stream(values).map(times).toArray();
    }

    private static IntToDoubleFunction sum(double[] a, double[] b) {
        return i -> a[i] + b[i];
    }

    private static void assertClose(double[] found, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(2e-4));
        }
    }

    private static double[] inputs() {
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[N * D];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextDouble() * 6 - 3;
        }
        return x;
    }

    private static int[] labels(int classes) {
        return IntStream.range(0, N).map(i -> i % classes).toArray();
    }
}
