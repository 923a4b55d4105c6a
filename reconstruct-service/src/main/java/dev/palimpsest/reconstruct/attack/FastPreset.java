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

/** Neuron differences at once, then gate pursuit. */
final class FastPreset implements Preset {
    private static final String ITERATIONS = "iterations";
    private static final int STARTS = 1_000;
    private static final int STEPS = 1_000;
    /** What a run of the optimiser takes, about. */
    private static final int RUN_SECONDS = 4;

    private static final int TRIALS = 16;
    /** What a difference counts beside a pursued candidate, whose score says how consistent it is, 0 to 1. */
    private static final double DIFFERENCE = .3;
    /** What the best of a run of the optimiser counts beside a difference, 1 to 2: half of the runs start from differences and repeat them. */
    private static final double RUN = .1;

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
        this.pursuit = new GatePursuit(head, rows, members, device, settings.seed());
        this.optimiser = new RowSpaceOptimiser(head, rows, members, device, settings.seed(), STEPS);
        int unitSeconds = pursuit != null ? Attack.UNIT_SECONDS : RUN_SECONDS;
        this.units = Math.min(Attack.MOST_UNITS, Math.max(1, settings.seconds() / unitSeconds));
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
    public List<Attack.Phase> phases() {
        Attack.Phase search = new Attack.Phase("search", units, 1);
        return pursuit == null
                ? List.of(search)
                : List.of(search, new Attack.Phase("pool", 1, 1), new Attack.Phase("trials", TRIALS, 1));
    }

    @Override
    public Attack.Found run(
            int phase,
            int unit,
            List<Map<String, Tensor>> inputs,
            @Nullable Map<String, Tensor> before,
            BooleanSupplier stop,
            Progress progress) {
        if (pursuit == null) {
            return found(optimiser.run(unit, differences, progress).tensors(), STEPS);
        }
        return switch (phase) {
            case 0 -> found(pursuit.start(unit * STARTS, STARTS, units * STARTS, progress), pursuit.steps(STARTS));
            case 1 -> found(pursuit.pool(inputs, differences, progress), iterations(inputs));
            default -> found(pursuit.trial(unit, inputs.get(0)).tensors(), iterations(inputs));
        };
    }

    private static Attack.Found found(Map<String, Tensor> tensors, long iterations) {
        Map<String, Tensor> found = new HashMap<>(tensors);
        found.put(ITERATIONS, Tensor.ofLongs(new long[] {iterations}, 1));
        return new Attack.Found(found, true);
    }

    private static long iterations(List<Map<String, Tensor>> found) {
        return found.stream()
                .mapToLong(unit -> Candidates.required(unit, ITERATIONS).toLongs()[0])
                .sum();
    }

    /**
     * Differences are trial 0; each trial of the pursuit, and each run of the optimiser, is one of its own. With several outputs the
     * differences score between 1 and 2, the optimiser's candidates below {@link #RUN}.
     */
    @Override
    public Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        List<Candidates> parts = new ArrayList<>();
        parts.add((pursuit == null ? differences.placed(1, 2) : differences.scored(DIFFERENCE)).withTrial(0));
        for (int i = 0; i < found.size(); i++) {
            Candidates candidates = Candidates.of(found.get(i));
            parts.add((pursuit == null ? candidates.placed(0, RUN) : candidates).withTrial(i + 1));
        }
        long iterations = pursuit == null ? iterations(found) : iterations(found.subList(0, Math.min(1, found.size())));
        String noun = pursuit == null
                ? "steps of the optimiser in the row space"
                : "steps of gate pursuit, counted for each starting point";
        return new Attack.Outcome(
                Candidates.ranked(head.inputs(), parts), iterations, iterations, iterations + " " + noun + ".");
    }

    @Override
    public List<String> notes() {
        return notes;
    }
}
