package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PaperTrialsTest {
    private static final double TOLERANCE = 1e-9;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "binary",
                "multiclass",
                "deep",
                "deep-multiclass-no-bias",
                "gelu",
                "deep-tanh",
                "free",
                "free-multiclass"
            })
    void followsTheReferenceForAHundredSteps(String name) {
        PaperReference reference = PaperReference.read(name);

        try (PaperTrials trial = trial(reference, reference.start(1))) {
            assertThat(trial.run(100, () -> false)).isEqualTo(100);

            assertReached(trial, reference, 0, 1);
        }
    }

    /** Three at a time, two of them with the setting of the reference: each goes its own way. */
    @ParameterizedTest
    @ValueSource(strings = {"binary", "multiclass", "deep", "free-multiclass"})
    void trialsSideBySideDontDisturbEachOther(String name) {
        PaperReference reference = PaperReference.read(name);
        Hyperparameters other = new Hyperparameters(.01, 1e-3, 90, .05, .1);
        List<Hyperparameters> settings = List.of(reference.setting(), other, reference.setting());

        try (PaperTrials trials =
                new PaperTrials(reference.head(), reference.loss(), settings, reference.start(3), Device.cpu())) {
            trials.run(100, () -> false);

            assertReached(trials, reference, 0, 3);
            assertReached(trials, reference, 2, 3);
            Map<String, Tensor> middle = PaperTrials.only(trials.state(), new int[] {1});
            assertThat(distance(Candidates.required(middle, "x").toDoubles(), reference.numbers("end.x")))
                    .isGreaterThan(.1);
        }
    }

    private static void assertReached(PaperTrials trials, PaperReference reference, int run, int runs) {
        for (String part : new String[] {"x", "l", "velocityX", "velocityL"}) {
            double[] expected = reference.numbers("end." + part);
            double[] found = Candidates.required(PaperTrials.only(trials.state(), new int[] {run}), part)
                    .toDoubles();
            assertThat(Candidates.required(trials.state(), part).shape()[0]).isEqualTo(runs);
            assertThat(found).hasSameSizeAs(expected);
            assertThat(distance(found, expected))
                    .as(part)
                    .isLessThan(TOLERANCE * RowSpace.norm(expected, 0, expected.length));
        }
    }

    /** A step must not wait for the device: what is read does not grow with the steps. */
    @ParameterizedTest
    @ValueSource(strings = {"binary", "multiclass", "deep", "gelu", "free-multiclass"})
    void aStepReadsNothingFromTheDevice(String name) {
        PaperReference reference = PaperReference.read(name);

        try (PaperTrials trial = trial(reference, reference.start(1))) {
            long before = HostReads.count();
            trial.run(PaperTrials.CHECK_EVERY - 1, () -> false);
            assertThat(HostReads.count()).isEqualTo(before);
            trial.run(1, () -> false);
            assertThat(HostReads.count()).isEqualTo(before + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"binary, 1", "binary, 37", "multiclass, 60", "deep-tanh, 99", "free, 42"})
    void interruptionChangesNoByte(String name, int first) {
        PaperReference reference = PaperReference.read(name);
        byte[] whole;
        byte[] half;
        try (PaperTrials trial = trial(reference, reference.start(1))) {
            trial.run(100, () -> false);
            whole = bytes(trial.state());
        }
        AtomicInteger asked = new AtomicInteger();
        try (PaperTrials trial = trial(reference, reference.start(1))) {
            assertThat(trial.run(100, () -> asked.incrementAndGet() > first)).isEqualTo(first);
            half = bytes(trial.state());
        }
        try (PaperTrials trial = trial(reference, tensors(half))) {
            assertThat(trial.step()).isEqualTo(first);
            trial.run(100 - first, () -> false);

            assertThat(bytes(trial.state())).isEqualTo(whole).isNotEqualTo(half);
        }
    }

    @Test
    void givesUpWhenTheNumbersRunAway() {
        PaperReference reference = PaperReference.read("binary");
        Hyperparameters far = new Hyperparameters(50, 1, 20, .05, .3);
        List<Hyperparameters> settings = List.of(far, reference.setting());

        try (PaperTrials trials =
                new PaperTrials(reference.head(), TrainingLoss.MARGIN, settings, reference.start(2), Device.cpu())) {
            assertThat(trials.run(1_000, () -> false)).isEqualTo(PaperTrials.CHECK_EVERY);

            assertThat(trials.alive()).containsExactly(1);
            Candidates found = trials.candidates(new int[] {5, 6});
            assertThat(found.n()).isEqualTo(10);
            assertThat(found.trial()).containsOnly(6);
        }
    }

    @Test
    void stopsWhenWhole() {
        PaperReference reference = PaperReference.read("binary");
        Map<String, Tensor> late = reference.start(1);
        late.put("step", Tensor.ofLongs(new long[] {PaperTrials.STEPS - 3}, 1));

        try (PaperTrials trial = trial(reference, late)) {
            assertThat(trial.run(100, () -> false)).isEqualTo(3);
            assertThat(trial.run(100, () -> false)).isZero();
        }
    }

    @Test
    void startsWithTwiceAsManyCandidatesAsMembers() {
        Head head = PlantedHead.of(50, 40, 60, 1, 5).head();
        Hyperparameters setting = new Hyperparameters(.1, 1e-4, 100, .02, .3);

        Map<String, Tensor> state =
                PaperTrials.start(head, TrainingLoss.MARGIN, 50, List.of(setting), List.of(new SplittableRandom(1)));

        double[] x = Candidates.required(state, "x").toDoubles();
        double[] l = Candidates.required(state, "l").toDoubles();
        assertThat(Candidates.required(state, "x").shape()).containsExactly(1, 100, 40);
        assertThat(RowSpace.norm(x, 0, x.length) / Math.sqrt(x.length)).isCloseTo(.02, within(.001));
        assertThat(l).hasSize(100);
        assertThat(Arrays.stream(l)).allMatch(value -> value >= 0 && value < 1);
        assertThat(Candidates.required(state, "velocityX").toDoubles()).containsOnly(0);
        assertThat(Candidates.required(state, "step").toLongs()).containsExactly(0);
    }

    @Test
    void candidatesAreAsTheTrialStands() {
        PaperReference reference = PaperReference.read("multiclass");

        try (PaperTrials trial = trial(reference, reference.start(1))) {
            trial.run(100, () -> false);
            Candidates found = trial.candidates(new int[] {7});

            assertThat(found.n()).isEqualTo(10);
            assertThat(found.trial()).containsOnly(7);
            assertThat(found.label()).containsOnly(0, 1, 2, 3);
            double[] l = reference.numbers("end.l");
            // Best first is largest multiplier first within one trial.
            int best = 0;
            for (int j = 1; j < l.length; j++) {
                best = l[j] > l[best] ? j : best;
            }
            assertThat(found.multiplier()[0]).isCloseTo(l[best] / 10, within(1e-8));
            assertThat(found.label()[0]).isEqualTo(best % 4);
            assertThat((double) found.row(0)[0]).isCloseTo(reference.numbers("end.x")[best * 12], within(1e-6));
            assertThat(found.score()[0] / found.multiplier()[0]).isBetween(0., 1.);
        }
    }

    @Test
    void settingsComeFromThePublishedRanges() {
        SplittableRandom random = new SplittableRandom(3);
        double lowest = 1;
        for (int i = 0; i < 1_000; i++) {
            Hyperparameters binary = Hyperparameters.published(random, 1);
            Hyperparameters several = Hyperparameters.published(random, 10);
            assertThat(binary.multiplierRate()).isEqualTo(1e-4);
            assertThat(several.multiplierRate()).isBetween(1e-5, 1.);
            assertThat(binary.rate()).isBetween(1e-5, 1.);
            assertThat(binary.sigma()).isBetween(1e-6, .1);
            assertThat(binary.lambdaMin()).isBetween(.01, .5);
            assertThat(binary.alpha()).isBetween(10., 500.);
            lowest = Math.min(lowest, binary.rate());
        }
        // Uniform in the logarithm: a thousandth of the draws would be below 1e-3 otherwise.
        assertThat(lowest).isLessThan(2e-5);
    }

    private static PaperTrials trial(PaperReference reference, Map<String, Tensor> state) {
        return new PaperTrials(reference.head(), reference.loss(), List.of(reference.setting()), state, Device.cpu());
    }

    private static double distance(double[] a, double[] b) {
        double[] difference = a.clone();
        for (int i = 0; i < a.length; i++) {
            difference[i] -= b[i];
        }
        return RowSpace.norm(difference, 0, a.length);
    }

    private static byte[] bytes(Map<String, Tensor> tensors) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(out, tensors, Map.of());
        return out.toByteArray();
    }

    private static Map<String, Tensor> tensors(byte[] bytes) {
        Safetensors file = Safetensors.read(new ByteArrayInputStream(bytes), "checkpoint");
        Map<String, Tensor> tensors = new HashMap<>();
        file.names().forEach(name -> tensors.put(name, file.tensor(name)));
        return tensors;
    }
}
