package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the head was trained with, as far as the attack cares: which multipliers stationarity allows (Buzaglo et al. 2023). */
public enum TrainingLoss {
    /** Logistic loss or cross entropy in the published form: multipliers of at least 0 on the label, or on the class less its strongest rival. */
    MARGIN,
    /** Cross entropy with a multiplier for every class, of either sign. */
    CROSS_ENTROPY,
    /** Squared error: a multiplier for every output, of either sign. */
    MSE,
    /** Squared error, linear beyond a distance: as {@link #MSE}. */
    HUBER;

    /** The name in specs and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether multipliers have either sign and belong to outputs rather than to a label. */
    boolean free() {
        return this != MARGIN;
    }

    /** Whether a member's multiplier follows from the head's answer as that of logistic loss and cross entropy does. */
    boolean exponential() {
        return this == MARGIN || this == CROSS_ENTROPY;
    }

    /**
     * The loss of that name.
     *
     * @throws PalimpsestException {@code BAD_SPEC} for a name that is none
     */
    public static TrainingLoss named(String name) {
        return Arrays.stream(values())
                .filter(loss -> loss.label().equals(name.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.BAD_SPEC,
                        "Loss '" + name + "' of the head's training is not known; expected one of "
                                + Arrays.stream(values())
                                        .map(TrainingLoss::label)
                                        .collect(Collectors.joining(", "))
                                + "."));
    }
}
