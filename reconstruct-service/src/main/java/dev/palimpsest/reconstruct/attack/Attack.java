package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The attack as a caller sees it: {@link #differences} at once, then phase after phase {@link #run} for every unit of the phase, in any
 * order or at the same time, then {@link #finish} over what the last phase found. Two presets: {@code fast}, ours, and {@code paper}, the published method.
 */
public final class Attack {
    /** What one call of {@link #run} takes on one thread, about. */
    public static final int UNIT_SECONDS = 15;

    /** Beyond that further units find what the others found. */
    public static final int MOST_UNITS = 16;

    private static final int MOST_MEMBERS = 200;

    private static final String LINEAR =
            "The head is linear: for each class it holds one weighted sum of all members, in which they cannot be told apart. So nothing was"
                    + " searched for. Whether a suspect was a member may still be told from its loss.";
    private static final String DROWNED =
            "Nothing of the first layer stands above the noise of the defence. So nothing was searched for.";
    private static final String NOT_STATIONARY =
            "So nothing was searched for. To search all the same, name a method (optimise, differences, or pursuit where the column space is"
                    + " small) or the preset paper; what comes back then is noise until controls say otherwise.";

    /**
     * Work that can be shared out: units that are independent of each other and need what the phase before found.
     *
     * @param pieces how many calls of {@link #run} each unit gets for the seconds of the settings; may be fewer when it is done before
     */
    public record Phase(String name, int units, int pieces) {}

    /**
     * What a unit has come to.
     *
     * @param tensors for the next phase or {@link #finish}, or for {@link #run} to go on from
     * @param done whether there is nothing left to do in this unit
     */
    public record Found(Map<String, Tensor> tensors, boolean done) {}

    /**
     * The end of an attack.
     *
     * @param candidates of all methods, best first
     * @param iterations steps of gradient descent that were done
     * @param planned steps that the method has when nothing cuts it short
     * @param text one sentence about those
     */
    public record Outcome(Candidates candidates, long iterations, long planned, String text) {}

    private final int members;
    private final @Nullable Estimate estimatedMembers;
    private final Diagnosis diagnosis;
    private final Preset preset;
    private final List<String> notes = new ArrayList<>();

    /**
     * Prepares the attack; for {@code fast} it computes the neuron differences, about a second, unless the {@link Diagnosis} says that
     * there is nothing to find.
     *
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a head whose first layer is zero, or a preset or method that does not take
     *     such a head; {@code BAD_SPEC} for an unknown preset or device, negative numbers, or more candidates than memory
     */
    public Attack(Head released, AttackSettings settings) {
        validate(settings);
        DefenceSpec defence = settings.defence();
        ToldDefence told = defence == null ? null : ToldDefence.of(released, defence);
        Head head = told == null ? released : told.head();
        RowSpace rows = RowSpace.of(head);
        this.diagnosis = Diagnosis.of(head, rows.singularValues(), settings.members());
        this.estimatedMembers = settings.members() > 0 ? null : estimateMembers();
        this.members = estimatedMembers == null ? settings.members() : (int) estimatedMembers.value();
        notes.addAll(diagnosis.sentences());
        boolean paper = settings.preset().equals("paper");
        boolean asked = paper || settings.method() != Method.AUTO || told != null;
        if (head.linear()) {
            this.preset = new NothingToFind(head.inputs(), LINEAR);
        } else if (told != null && told.kept() == 0) {
            this.preset = new NothingToFind(head.inputs(), DROWNED);
        } else if (!diagnosis.stationary() && !asked) {
            this.preset = new NothingToFind(head.inputs(), NOT_STATIONARY);
        } else {
            Memory.require(head, members, paper);
            this.preset =
                    paper ? new PaperPreset(head, members, settings) : new FastPreset(head, rows, members, settings);
        }
        notes.addAll(preset.notes());
        if (told != null) {
            notes.add(told.note());
        }
    }

    private static void validate(AttackSettings settings) {
        if (!List.of("fast", "paper").contains(settings.preset())) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Preset '" + settings.preset() + "' of the attack is not known; expected fast or paper.");
        }
        if (settings.members() < 0 || !(settings.weightDecay() >= 0) || settings.seconds() < 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Members, weight decay and seconds must not be negative, found " + settings
                            + ". Leave out what is not known.");
        }
    }

    private Estimate estimateMembers() {
        int estimate = Math.min(diagnosis.directions(), MOST_MEMBERS);
        Estimate read = new Estimate(
                estimate,
                diagnosis.directions(),
                null,
                diagnosis.clear() ? "good" : "rough",
                diagnosis.clear()
                        ? "So many singular values of the first layer stand clear of what is left of its start."
                        : "So many singular values of the first layer are above what is left of its start, without a gap: members that"
                                + " left little behind are not among them.");
        notes.add("The number of members is not known: %d are searched for (%s, at least %d). %s"
                .formatted(estimate, read.confidence(), diagnosis.directions(), read.reason()));
        return read;
    }

    /** Members from the differences of two neurons, best first; none for {@code paper}. */
    public Candidates differences() {
        return preset.differences();
    }

    /** The phases in their order. */
    public List<Phase> phases() {
        return preset.phases();
    }

    /**
     * The next piece of a unit, about {@link #UNIT_SECONDS} of work on one thread. What a piece comes to does not depend on how the work
     * before it was cut into pieces.
     *
     * @param phase index into {@link #phases}
     * @param inputs what the units of the phase before came to, in their order; empty for the first phase
     * @param before tensors of the piece before; null at the start
     * @param stop asked between two steps; true ends the piece early, in a state that can be gone on from. {@code fast} has
     *     short pieces and does not ask
     */
    public Found run(
            int phase,
            int unit,
            List<Map<String, Tensor>> inputs,
            @Nullable Map<String, Tensor> before,
            BooleanSupplier stop,
            Progress progress) {
        if (unit < 0 || unit >= phases().get(phase).units()) {
            throw new IndexOutOfBoundsException("Unit " + unit + " of " + phases().get(phase));
        }
        return preset.run(phase, unit, inputs, before, stop, progress);
    }

    /**
     * The candidates of all units together.
     *
     * @param found what {@link #run} returned last for each unit of the last phase, in their order; some may be missing
     */
    public Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        return preset.finish(found, progress);
    }

    /** Sentences that a report must say: what was guessed, and what could not be done. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** What the head says about its own training. */
    public Diagnosis diagnosis() {
        return diagnosis;
    }

    /** How many members trained the head, where it had to be estimated; else null. */
    public @Nullable Estimate estimatedMembers() {
        return estimatedMembers;
    }

    /** Members times weight decay, where it had to be estimated; else null. */
    public @Nullable Estimate estimatedDecay() {
        return preset.decay();
    }

    /** How many members are searched for: as given, or the estimate. */
    public int members() {
        return members;
    }
}
