package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The attack as a caller sees it: {@link #differences} at once, then {@link #search} for every unit in any order or at the same time,
 * then {@link #finish} over what the units found. Two presets: {@code fast}, ours, and {@code paper}, the published method.
 */
public final class Attack {
    /** What one call of {@link #search} takes on one thread, about. */
    public static final int UNIT_SECONDS = 15;

    /** Beyond that further units find what the others found. */
    public static final int MOST_UNITS = 16;

    private static final int MOST_MEMBERS = 200;

    /**
     * What a unit of the search has come to.
     *
     * @param tensors for {@link #finish}, or for {@link #search} to go on from
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
    private final Preset preset;
    private final List<String> notes = new ArrayList<>();

    /**
     * Prepares the attack; for {@code fast} it computes the neuron differences, about a second.
     *
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a linear head or one whose first layer is zero; {@code BAD_SPEC} for
     *     an unknown preset or device, or negative numbers
     */
    public Attack(Head head, AttackSettings settings) {
        head.requireHidden();
        validate(settings);
        RowSpace rows = RowSpace.of(head);
        this.members = settings.members() > 0 ? settings.members() : estimatedMembers(rows);
        this.preset = settings.preset().equals("paper")
                ? new PaperPreset(head, members, settings)
                : new FastPreset(head, rows, members, settings);
        notes.addAll(preset.notes());
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

    private int estimatedMembers(RowSpace rows) {
        int estimate = Math.min(rows.rank(), MOST_MEMBERS);
        notes.add("The number of members is not known: " + estimate + " are searched for, after the rank " + rows.rank()
                + " of the first layer.");
        return estimate;
    }

    /** Members from the differences of two neurons, best first; none for {@code paper}. */
    public Candidates differences() {
        return preset.differences();
    }

    /** Units of {@link #search}, independent of each other. */
    public int searchUnits() {
        return preset.searchUnits();
    }

    /** How many calls of {@link #search} each unit gets for the seconds of the settings; may be fewer when it is done before. */
    public int pieces() {
        return preset.pieces();
    }

    /**
     * The next piece of unit {@code index} of {@link #searchUnits}, about {@link #UNIT_SECONDS} of work on one thread. What a piece comes
     * to does not depend on how the work before it was cut into pieces.
     *
     * @param before tensors of the piece before; null at the start
     * @param stop asked between two steps; true ends the piece early, in a state that can be gone on from. {@code fast} has one
     *     short piece and does not ask
     */
    public Found search(int index, @Nullable Map<String, Tensor> before, BooleanSupplier stop, Progress progress) {
        if (index < 0 || index >= searchUnits()) {
            throw new IndexOutOfBoundsException("Unit " + index + " of " + searchUnits());
        }
        return preset.search(index, before, stop, progress);
    }

    /**
     * The candidates of all units together.
     *
     * @param found what {@link #search} returned last for each unit, in the order of the units; some may be missing
     */
    public Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        return preset.finish(found, progress);
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
