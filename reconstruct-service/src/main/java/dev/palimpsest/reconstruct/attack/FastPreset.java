package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Neuron differences at once, then gate pursuit for one output and the row-space optimiser for several. Units are whole searches. */
final class FastPreset implements Preset {
    private static final String ITERATIONS = "iterations";
    private static final int STARTS = 1_000;
    private static final int STEPS = 1_000;
    /** n wd where neither is known nor can be read off: 100 members at .08, the setting of the paper. */
    private static final double USUAL_DECAY = 8;

    private final Head head;
    private final int units;
    private final Candidates differences;
    private final @Nullable GatePursuit pursuit;
    private final RowSpaceOptimiser optimiser;
    private final List<String> notes = new ArrayList<>();

    FastPreset(Head head, RowSpace rows, int members, AttackSettings settings) {
        this.head = head;
        NeuronDifferences pairs = new NeuronDifferences(head, rows);
        this.differences = pairs.find(members, decay(pairs, members, settings.weightDecay()));
        Device device = Torch.device(settings.device());
        this.pursuit = head.outputs() == 1 ? new GatePursuit(head, rows, members, device, settings.seed()) : null;
        this.optimiser = new RowSpaceOptimiser(head, rows, members, device, settings.seed(), STEPS);
        this.units = Math.min(Attack.MOST_UNITS, Math.max(1, settings.seconds() / Attack.UNIT_SECONDS));
        if (pursuit != null && pursuit.members() < members) {
            notes.add("The head holds " + pursuit.members() + " independent directions for " + members
                    + " members: at most that many are searched for.");
        }
    }

    private double decay(NeuronDifferences pairs, int members, double weightDecay) {
        if (weightDecay > 0) {
            return members * weightDecay;
        }
        OptionalDouble read = pairs.decay();
        double decay = read.orElse(USUAL_DECAY);
        notes.add(
                read.isPresent()
                        ? "The weight decay is not known: members times weight decay is taken as %.3g, read off the differences of neurons."
                                .formatted(decay)
                        : "The weight decay is not known and too few differences of neurons are consistent to read it off: members times"
                                + " weight decay is taken as 8. A head trained without weight decay gives nothing back.");
        return decay;
    }

    @Override
    public Candidates differences() {
        return differences;
    }

    @Override
    public int searchUnits() {
        return units;
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public Attack.Found search(
            int index, @Nullable Map<String, Tensor> before, BooleanSupplier stop, Progress progress) {
        Map<String, Tensor> found = new HashMap<>(
                pursuit != null
                        ? pursuit.start(index * STARTS, STARTS, units * STARTS, progress)
                        : optimiser.run(index, differences, progress).tensors());
        long iterations = pursuit != null ? GatePursuit.steps(STARTS) : STEPS;
        found.put(ITERATIONS, Tensor.ofLongs(new long[] {iterations}, 1));
        return new Attack.Found(found, true);
    }

    /**
     * One output: consistent members of the pursuit score above 2, differences between 1 and 2, other members of the pursuit below 1.
     * Several outputs: differences between 1 and 2, the optimiser's below 1. Each method, and each run of the optimiser, is a trial of
     * its own.
     */
    @Override
    public Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        long iterations = found.stream()
                .mapToLong(unit -> Candidates.required(unit, ITERATIONS).toLongs()[0])
                .sum();
        List<Candidates> parts = new ArrayList<>();
        parts.add(differences.placed(1, 2).withTrial(0));
        String noun;
        if (pursuit != null) {
            Pursued pursued = pursuit.finish(found, differences, progress);
            parts.add(pursued.candidates().withTrial(1));
            iterations += pursued.iterations();
            noun = "steps of gate pursuit, counted for each starting point";
        } else {
            Candidates pooled = Candidates.ranked(
                    head.inputs(),
                    found.stream()
                            .map(Candidates::of)
                            .map(run -> run.withTrial(run.trial()[0] + 1))
                            .toList());
            parts.add(pooled.placed(0, 1));
            noun = "steps of the optimiser in the row space";
        }
        return new Attack.Outcome(
                Candidates.ranked(head.inputs(), parts), iterations, iterations, iterations + " " + noun + ".");
    }

    @Override
    public List<String> notes() {
        return notes;
    }
}
