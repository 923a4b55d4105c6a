package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The attack as a caller sees it: {@link #differences} at once, then {@link #search} for every unit in any order or at the same time,
 * then {@link #finish} over what the units found. One output: gate pursuit. Several: the row-space optimiser.
 */
public final class Attack {
    /** What one unit of the search takes on one thread, about. */
    public static final int UNIT_SECONDS = 15;

    /** Beyond that further units find what the others found. */
    public static final int MOST_UNITS = 16;

    private static final int STARTS = 1_000;
    private static final int ITERATIONS = 1_000;
    private static final int MOST_MEMBERS = 200;
    /** n wd where neither is known nor can be read off: 100 members at .08, the setting of the paper. */
    private static final double USUAL_DECAY = 8;

    private final AttackSettings settings;
    private final Head head;
    private final int members;
    private final int units;
    private final Candidates differences;
    private final @Nullable GatePursuit pursuit;
    private final RowSpaceOptimiser optimiser;
    private final List<String> notes = new ArrayList<>();

    /**
     * Prepares the attack and computes the neuron differences, about a second.
     *
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a linear head or one whose first layer is zero; {@code BAD_SPEC} for
     *     an unknown preset or device, or negative numbers
     */
    public Attack(Head head, AttackSettings settings) {
        this.head = head.requireHidden();
        this.settings = validated(settings);
        RowSpace rows = RowSpace.of(head);
        this.members = settings.members() > 0 ? settings.members() : estimatedMembers(rows);
        NeuronDifferences pairs = new NeuronDifferences(head, rows);
        this.differences = pairs.find(members, decay(pairs));
        Device device = Torch.device(settings.device());
        this.pursuit = head.outputs() == 1 ? new GatePursuit(head, rows, members, device, settings.seed()) : null;
        this.optimiser = new RowSpaceOptimiser(head, rows, members, device, settings.seed(), ITERATIONS);
        this.units = Math.min(MOST_UNITS, Math.max(1, settings.seconds() / UNIT_SECONDS));
        if (pursuit != null && pursuit.members() < members) {
            notes.add("The head holds " + pursuit.members() + " independent directions for " + members
                    + " members: at most that many are searched for.");
        }
    }

    private static AttackSettings validated(AttackSettings settings) {
        if (!settings.preset().equals("fast")) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Preset '" + settings.preset() + "' of the attack is not available; expected fast.");
        }
        if (settings.members() < 0 || !(settings.weightDecay() >= 0) || settings.seconds() < 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Members, weight decay and seconds must not be negative, found " + settings
                            + ". Leave out what is not known.");
        }
        return settings;
    }

    private int estimatedMembers(RowSpace rows) {
        int estimate = Math.min(rows.rank(), MOST_MEMBERS);
        notes.add("The number of members is not known: " + estimate + " are searched for, after the rank " + rows.rank()
                + " of the first layer.");
        return estimate;
    }

    private double decay(NeuronDifferences pairs) {
        if (settings.weightDecay() > 0) {
            return members * settings.weightDecay();
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

    /** Members from the differences of two neurons, best first. */
    public Candidates differences() {
        return differences;
    }

    /** Units of {@link #search}: chunks of 1000 starts for one output, runs of the optimiser for several. */
    public int searchUnits() {
        return units;
    }

    /** Unit {@code index} of {@link #searchUnits}, independent of the others. */
    public Map<String, Tensor> search(int index, Progress progress) {
        if (index < 0 || index >= units) {
            throw new IndexOutOfBoundsException("Unit " + index + " of " + units);
        }
        return pursuit != null
                ? pursuit.start(index * STARTS, STARTS, units * STARTS, progress)
                : optimiser.run(index, differences, progress).tensors();
    }

    /**
     * The candidates of all methods, best first. One output: consistent members of the pursuit score above 2, differences between 1 and 2,
     * other members of the pursuit below 1. Several outputs: differences between 1 and 2, the optimiser's below 1. Each
     * method, and each run of the optimiser, is a trial of its own.
     *
     * @param found what {@link #search} returned, in the order of the units; some may be missing
     */
    public Candidates finish(List<Map<String, Tensor>> found, Progress progress) {
        List<Candidates> parts = new ArrayList<>();
        parts.add(differences.placed(1, 2).withTrial(0));
        if (pursuit != null) {
            Candidates pursued = pursuit.finish(found, differences, progress);
            parts.add(pursued.withTrial(1));
        } else {
            Candidates pooled = Candidates.ranked(
                    head.inputs(),
                    found.stream()
                            .map(Candidates::of)
                            .map(run -> run.withTrial(run.trial()[0] + 1))
                            .toList());
            parts.add(pooled.placed(0, 1));
        }
        return Candidates.ranked(head.inputs(), parts);
    }

    /** Sentences that a report must say: what was guessed, and what could not be done. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** How many members are searched for: as given, or the estimate. */
    public int members() {
        return members;
    }
}
