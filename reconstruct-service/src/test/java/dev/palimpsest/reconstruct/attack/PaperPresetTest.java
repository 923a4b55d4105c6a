package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Torch;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PaperPresetTest {
    private static final int MEMBERS = 5;

    private final PaperReference reference = PaperReference.read("binary");

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    /** About 1000 steps a second for a head this small. */
    private PaperPreset preset(int seconds, long seed) {
        return new PaperPreset(
                reference.head(), MEMBERS, new AttackSettings("paper", MEMBERS, 0, seconds, seed, "cpu"));
    }

    /** Weights of ten times the size, at which trials with large rates run away. */
    private PaperPreset large(int seconds) {
        List<Head.Layer> layers = reference.head().layers().stream()
                .map(layer -> new Head.Layer(
                        layer.outputs(),
                        layer.inputs(),
                        Arrays.stream(layer.weight()).map(value -> 10 * value).toArray(),
                        layer.bias()))
                .toList();
        return new PaperPreset(
                Head.of(HeadActivation.RELU, layers),
                MEMBERS,
                new AttackSettings("paper", MEMBERS, 0, seconds, 8, "cpu"));
    }

    @Test
    void workCutIntoOtherPiecesComesToTheSame() {
        PaperPreset longPieces = large(2);
        PaperPreset shortPieces = large(1);

        Attack.Found once = longPieces.run(0, 0, List.of(), null, () -> false, Progress.SILENT);
        Attack.Found half = shortPieces.run(0, 0, List.of(), null, () -> false, Progress.SILENT);
        Attack.Found twice = shortPieces.run(0, 0, List.of(), half.tensors(), () -> false, Progress.SILENT);
        // Two pieces of a second are 998 steps each, one of two seconds is 1997: one more, then stop.
        AtomicInteger asked = new AtomicInteger();
        Attack.Found thrice =
                shortPieces.run(0, 0, List.of(), twice.tensors(), () -> asked.incrementAndGet() > 2, Progress.SILENT);

        assertThat(tally(once)[1]).isEqualTo(1_997);
        assertThat(digest(thrice)).isEqualTo(digest(once)).isNotEqualTo(digest(twice));
        // So that the pieces also had to agree on when a trial is given up.
        assertThat(tally(half)[3]).isPositive();
    }

    @Test
    void stoppedAtOnceItHasDoneNothing() {
        PaperPreset preset = preset(60, 3);

        Attack.Found found = preset.run(0, 0, List.of(), null, () -> true, Progress.SILENT);
        Attack.Outcome outcome = preset.finish(List.of(found.tensors()), Progress.SILENT);

        assertThat(found.done()).isFalse();
        assertThat(outcome.iterations()).isZero();
        assertThat(outcome.candidates().n()).isZero();
    }

    @Test
    void aWholeTrialIsKeptAndTheNextBegins() {
        PaperPreset preset = preset(1, 3);
        Attack.Found found = preset.run(0, 0, List.of(), beforeTheEnd(preset, 4, 49_990), () -> false, Progress.SILENT);

        assertThat(tally(found)[0]).isGreaterThan(4);
        assertThat(tally(found)[2]).isEqualTo(1);
        assertThat(found.done()).isFalse();
        Attack.Outcome outcome = preset.finish(List.of(found.tensors()), Progress.SILENT);
        assertThat(outcome.candidates().trial()).contains(4);
        assertThat(outcome.iterations()).isEqualTo(tally(found)[1]);
        assertThat(outcome.planned()).isEqualTo(5_000_000);
        assertThat(outcome.text()).contains("of the 5000000 steps", "of its 100 trials 1 ran to their end");
    }

    @Test
    void isDoneAfterTheLastTrial() {
        PaperPreset preset = preset(1, 3);

        Attack.Found found =
                preset.run(0, 0, List.of(), beforeTheEnd(preset, 99, 49_990), () -> false, Progress.SILENT);
        Attack.Outcome outcome = preset.finish(List.of(found.tensors()), Progress.SILENT);

        assertThat(found.done()).isTrue();
        assertThat(tally(found)).containsExactly(100, 10, 1, 0);
        assertThat(outcome.candidates().n()).isEqualTo(2 * MEMBERS);
        assertThat(outcome.candidates().trial()).containsOnly(99);
    }

    /** A state of trial {@code trial} with few steps to go; its point is that of a start. */
    private static Map<String, Tensor> beforeTheEnd(PaperPreset preset, int trial, int step) {
        Map<String, Tensor> state = new HashMap<>(
                preset.run(0, 0, List.of(), null, () -> true, Progress.SILENT).tensors());
        state.put("step", Tensor.ofLongs(new long[] {step}, 1));
        state.put("trials", Tensor.ofInts(new int[] {trial}, 1));
        state.put("tally", Tensor.ofLongs(new long[] {trial, 0, 0, 0}, 4));
        return state;
    }

    @Test
    void secondsDecideTheWorkAndUnitsShareIt() {
        PaperPreset minute = preset(60, 0);
        PaperPreset hour = preset(3_600, 0);

        assertThat(minute.phases().get(0).units()).isEqualTo(2);
        assertThat(minute.phases().get(0).pieces()).isEqualTo(2);
        assertThat(hour.phases().get(0).units()).isEqualTo(16);
        assertThat(hour.phases().get(0).pieces()).isEqualTo(15);
        assertThat(preset(0, 0).phases().get(0).pieces()).isEqualTo(1);
    }

    @Test
    void unitsHaveTrialsOfTheirOwn() {
        PaperPreset preset = preset(60, 0);

        Attack.Found first = preset.run(0, 0, List.of(), null, () -> true, Progress.SILENT);
        Attack.Found second = preset.run(0, 1, List.of(), null, () -> true, Progress.SILENT);

        assertThat(tally(first)[0]).isZero();
        assertThat(tally(second)[0]).isEqualTo(1);
        assertThat(first.tensors().get("x").toDoubles())
                .isNotEqualTo(second.tensors().get("x").toDoubles());
    }

    private static long[] tally(Attack.Found found) {
        return Candidates.required(found.tensors(), "tally").toLongs();
    }

    private static String digest(Attack.Found found) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(out, found.tensors(), Map.of());
        return Digests.sha256(out.toByteArray());
    }
}
