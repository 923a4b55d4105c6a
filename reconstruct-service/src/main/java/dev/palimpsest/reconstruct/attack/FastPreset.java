package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Neuron differences at once, then gate pursuit, or the row-space optimiser for heads that pursuit does not take: more hidden layers,
 * other activations, no first bias, a column space that is not small. Each of the three can be asked for alone ({@link Method}).
 */
final class FastPreset implements Preset {
    private static final String ITERATIONS = "iterations";
    private static final int STARTS = 1_000;
    /** Of the granted seconds, how many bring one more unit of starts: beyond three units the rest of the time is better spent on views and trials. */
    private static final int START_SECONDS = 20;

    /** With several outputs further starts bring more wrong patterns than right ones: food10 falls from 39 / 25 / 15 members to 33 / 20 / 10 with twelve units. */
    private static final int UNITS_OF_SEVERAL = 3;

    private static final int STEPS = 1_000;
    /** What a run of the optimiser takes, about. */
    private static final int RUN_SECONDS = 4;

    private static final int TRIALS = 30;
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
    private final boolean searches;
    private @Nullable Estimate decay;
    private final List<String> notes = new ArrayList<>();

    FastPreset(Head head, RowSpace rows, int members, AttackSettings settings) {
        this.head = head;
        Method method = settings.method();
        require(head, method, settings.loss());
        boolean differs = head.plain() && settings.loss().exponential();
        this.differences = differs && (method == Method.AUTO || method == Method.DIFFERENCES)
                ? differences(head, rows, members, settings)
                : Candidates.none(head.inputs());
        boolean pursues = head.plain() && (method == Method.AUTO || method == Method.PURSUIT);
        Device device = Torch.device(settings.device());
        this.pursuit = pursues ? pursuit(rows, members, device, settings) : null;
        this.optimiser = new RowSpaceOptimiser(head, settings.loss(), rows, members, device, settings.seed(), STEPS);
        this.searches = method != Method.DIFFERENCES;
        int unitSeconds = pursuit != null ? START_SECONDS : RUN_SECONDS;
        int most = pursuit != null && head.outputs() > 1 ? UNITS_OF_SEVERAL : Attack.MOST_UNITS;
        this.units = Math.min(most, Math.max(1, settings.seconds() / unitSeconds));
        if (pursuit != null && pursuit.members() < members) {
            notes.add("The head holds " + pursuit.members() + " independent directions for " + members
                    + " members: at most that many are searched for.");
        }
        if (!head.plain()) {
            notes.add("The head is " + head + (head.biased() ? "" : ", without a first bias")
                    + ": neuron differences and gate pursuit are about one hidden layer of ReLU with a bias, so that only the optimiser"
                    + " is left, which finds fewer members.");
        }
    }

    /**
     * Null, with a note, where the column space is not small. Whoever asked for pursuit by name is refused then: every pattern fits, so that nothing
     * tells a member from chance, and a step of {@link SparseMembers} costs the square of the dimensions: a head of 500 neurons that was stopped
     * early had no end after ten minutes where 20 seconds were granted.
     */
    private @Nullable GatePursuit pursuit(RowSpace rows, int members, Device device, AttackSettings settings) {
        GatePursuit pursuit = new GatePursuit(head, rows, members, device, settings.seed());
        GateSpace space = pursuit.space();
        if (space.rank() <= GatePursuit.LARGEST_SHARE * space.neurons()) {
            return pursuit;
        }
        String why = "The column space has %d dimensions for %d neurons; above %.0f %% every pattern fits."
                .formatted(space.rank(), space.neurons(), 100 * GatePursuit.LARGEST_SHARE);
        if (settings.method() == Method.PURSUIT) {
            throw new PalimpsestException(
                    ErrorCode.NOT_ATTACKABLE,
                    why
                            + " So gate pursuit cannot tell members from chance here, and would take long over it. Use --method optimise.");
        }
        notes.add(why + " So the optimiser runs in place of gate pursuit.");
        return null;
    }

    private static void require(Head head, Method method, TrainingLoss loss) {
        if (method == Method.PURSUIT && !head.plain()) {
            throw notFor(head, "Gate pursuit takes heads with one hidden layer of ReLU and a first bias");
        }
        if (method == Method.DIFFERENCES && !head.plain()) {
            throw notFor(head, "Neuron differences take heads with one hidden layer of ReLU and a first bias");
        }
        if (method == Method.DIFFERENCES && !loss.exponential()) {
            throw new PalimpsestException(
                    ErrorCode.NOT_ATTACKABLE,
                    "Neuron differences are told from chance by the multiplier that logistic loss and cross entropy imply; the loss is "
                            + loss.label() + ". Use --method pursuit or optimise.");
        }
    }

    private static PalimpsestException notFor(Head head, String what) {
        return new PalimpsestException(
                ErrorCode.NOT_ATTACKABLE,
                what + "; this one is " + head + (head.biased() ? "" : " without a first bias")
                        + ". Use --method optimise.");
    }

    private Candidates differences(Head head, RowSpace rows, int members, AttackSettings settings) {
        NeuronDifferences pairs = new NeuronDifferences(head, rows);
        return pairs.find(members, decay(pairs, members, settings.weightDecay()));
    }

    private double decay(NeuronDifferences pairs, int members, double weightDecay) {
        if (weightDecay > 0) {
            return members * weightDecay;
        }
        Estimate read = pairs.decay();
        decay = read != null
                ? read
                : new Estimate(
                        USUAL_DECAY,
                        0,
                        null,
                        "none",
                        "Too few differences of neurons are consistent to read it off; 100 members at .08 would have it.");
        notes.add("The weight decay is not known: members times weight decay is taken as %.3g (%s%s). %s"
                .formatted(
                        decay.value(),
                        decay.confidence(),
                        read == null ? "" : ", %.3g to %.3g".formatted(decay.low(), decay.high()),
                        decay.reason()));
        return decay.value();
    }

    @Override
    public @Nullable Estimate decay() {
        return decay;
    }

    @Override
    public Candidates differences() {
        return differences;
    }

    @Override
    public List<Attack.Phase> phases() {
        if (!searches) {
            return List.of();
        }
        Attack.Phase search = new Attack.Phase("search", units, 1);
        return pursuit == null
                ? List.of(search)
                : List.of(search, new Attack.Phase("pool", pursuit.views(), 1), new Attack.Phase("trials", TRIALS, 1));
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
            case 1 -> found(pursuit.pool(unit, inputs, differences, progress), iterations(inputs));
            // Every pool says the same number of steps.
            default -> found(pursuit.trial(unit, inputs).tensors(), iterations(inputs.subList(0, 1)));
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
     * Differences are trial 0; each trial of the pursuit, and each run of the optimiser, is one of its own. Beside the
     * optimiser differences score between 1 and 2, its candidates below {@link #RUN}.
     */
    @Override
    public Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        List<Candidates> parts = new ArrayList<>();
        parts.add((pursuit == null ? differences.placed(1, 2) : differences.scored(DIFFERENCE)).withTrial(0));
        for (int i = 0; i < found.size(); i++) {
            Candidates candidates = Candidates.of(found.get(i));
            parts.add((pursuit == null ? candidates.placed(0, RUN) : candidates).withTrial(i + 1));
        }
        if (!searches) {
            return new Attack.Outcome(
                    Candidates.ranked(head.inputs(), parts), 0, 0, "Neuron differences need no steps.");
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
