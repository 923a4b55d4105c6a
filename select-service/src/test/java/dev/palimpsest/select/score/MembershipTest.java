package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Normaliser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MembershipTest {

    /** Gradients by central differences of every parameter: three layers, biases here and there. */
    @ParameterizedTest
    @CsvSource({"RELU, 1", "TANH, 3", "GELU, 2"})
    void systemIsThatOfTheGradients(HeadActivation activation, int outputs) {
        SplittableRandom random = new SplittableRandom(outputs);
        Head head = Head.of(
                activation,
                List.of(layer(random, 6, 5, true), layer(random, 4, 6, false), layer(random, outputs, 4, true)));
        double[] x = random.doubles(3 * 5, -1, 1).toArray();

        StationaritySystem system = StationaritySystem.of(head, DMatrixRMaj.wrap(3, 5, x));

        double[][] g = new double[3][];
        double[] theta = flat(head);
        for (int i = 0; i < 3; i++) {
            g[i] = gradient(head, Arrays.copyOfRange(x, 5 * i, 5 * i + 5), sides(head, x, i));
            assertThat(system.weights()[i]).isCloseTo(dot(g[i], theta), within(tolerance(activation)));
            for (int j = 0; j <= i; j++) {
                assertThat(system.gram().get(i, j)).isCloseTo(dot(g[i], g[j]), within(tolerance(activation)));
            }
        }
    }

    /** GELU of single numbers is good to 1e-7, a difference of two over 2e-5 to a hundredth. */
    private static double tolerance(HeadActivation activation) {
        return activation == HeadActivation.GELU ? .1 : 1e-5;
    }

    @ParameterizedTest
    @CsvSource({"food2", "trash4", "food2-nowd"})
    void tellsMembersOfRealHeadsFromControls(String name) {
        Path folder = Path.of(System.getProperty("palimpsest.repo", "..")).resolve("../shared/fixtures/heads/" + name);
        assumeTrue(Files.exists(folder), "fixtures of heads are not here");
        Head head = Head.read(folder.resolve("head.safetensors"));
        Normaliser normaliser = Normaliser.read(folder.resolve("normaliser.safetensors"));

        MembershipVerdict verdict = MembershipVerdict.of(
                head,
                points(folder.resolve("members.safetensors"), normaliser, head.inputs()),
                points(folder.resolve("controls.safetensors"), normaliser, head.inputs()));

        assertThat(verdict.auc()).isGreaterThan(.98);
        assertThat(verdict.tprAtFpr1()).isGreaterThan(.9);
        assertThat(verdict.aucInterval().low()).isLessThanOrEqualTo(verdict.auc());
        assertThat(verdict.sentence()).contains("AUC");
    }

    @Test
    void aPoolOfControlsIsNotMistaken() {
        SplittableRandom random = new SplittableRandom(2);
        Head head = Head.of(HeadActivation.RELU, List.of(layer(random, 30, 40, true), layer(random, 1, 30, false)));
        float[] members = floats(random, 50 * 40);
        float[] controls = floats(random, 60 * 40);

        MembershipVerdict verdict = MembershipVerdict.of(head, members, controls);

        assertThat(verdict.controls()).isEqualTo(50);
        assertThat(verdict.aucInterval().low()).isLessThan(.5);
        assertThat(verdict.aucInterval().high()).isGreaterThan(.5);
    }

    @Test
    void refusesWhatIsNoPool() {
        SplittableRandom random = new SplittableRandom(2);
        Head head = Head.of(HeadActivation.RELU, List.of(layer(random, 3, 4, true), layer(random, 1, 3, false)));

        assertThatThrownBy(() -> Membership.of(head, new float[0], 0)).hasMessageContaining("found 0");
        assertThatThrownBy(() -> Membership.of(head, new float[] {1, 2, Float.NaN, 4}, 1))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FINITE));
    }

    private static float[] floats(SplittableRandom random, int n) {
        float[] floats = new float[n];
        for (int i = 0; i < n; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }

    private static float[] points(Path file, Normaliser normaliser, int d) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return HeadSpace.read(tensors, "embeddings", normaliser, d);
        }
    }

    private static Head.Layer layer(SplittableRandom random, int out, int in, boolean bias) {
        return new Head.Layer(
                out,
                in,
                random.doubles((long) out * in, -1, 1).toArray(),
                bias ? random.doubles(out, -1, 1).toArray() : null);
    }

    private static double[] logits(Head head, double[] x) {
        double[] a = x;
        for (int k = 0; k < head.layers().size(); k++) {
            Head.Layer layer = head.layers().get(k);
            double[] z = layer.bias() == null
                    ? new double[layer.outputs()]
                    : layer.bias().clone();
            for (int o = 0; o < z.length; o++) {
                for (int i = 0; i < a.length; i++) {
                    z[o] += layer.weight()[o * a.length + i] * a[i];
                }
                z[o] = k < head.depth() ? head.activation().value(z[o]) : z[o];
            }
            a = z;
        }
        return a;
    }

    private static double[] sides(Head head, double[] x, int row) {
        double[] logits = logits(head, Arrays.copyOfRange(x, 5 * row, 5 * row + 5));
        if (logits.length == 1) {
            return new double[] {Math.signum(logits[0])};
        }
        int best = 0;
        for (int o = 1; o < logits.length; o++) {
            best = logits[o] > logits[best] ? o : best;
        }
        double sum = 0;
        double[] sides = new double[logits.length];
        for (int o = 0; o < sides.length; o++) {
            sum += o == best ? 0 : Math.exp(logits[o]);
        }
        for (int o = 0; o < sides.length; o++) {
            sides[o] = o == best ? 1 : -Math.exp(logits[o]) / sum;
        }
        return sides;
    }

    private static double[] flat(Head head) {
        return head.layers().stream()
                .flatMapToDouble(layer -> DoubleStream.concat(
                        Arrays.stream(layer.weight()),
                        layer.bias() == null ? DoubleStream.empty() : Arrays.stream(layer.bias())))
                .toArray();
    }

    private static double[] gradient(Head head, double[] x, double[] sides) {
        List<Double> gradient = new ArrayList<>();
        for (Head.Layer layer : head.layers()) {
            for (double[] numbers : layer.bias() == null
                    ? new double[][] {layer.weight()}
                    : new double[][] {layer.weight(), layer.bias()}) {
                for (int i = 0; i < numbers.length; i++) {
                    double kept = numbers[i];
                    numbers[i] = kept + 1e-5;
                    double up = dot(sides, logits(head, x));
                    numbers[i] = kept - 1e-5;
                    double down = dot(sides, logits(head, x));
                    numbers[i] = kept;
                    gradient.add((up - down) / 2e-5);
                }
            }
        }
        return gradient.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
