package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which of our methods the preset {@code fast} uses. */
public enum Method {
    /** What suits the head: differences with pursuit or with the optimiser. */
    AUTO,
    /** {@link GatePursuit} alone. */
    PURSUIT,
    /** {@link NeuronDifferences} alone. */
    DIFFERENCES,
    /** {@link RowSpaceOptimiser} alone, from random starts. */
    OPTIMISE;

    /** The name in specs and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The method of that name.
     *
     * @throws PalimpsestException {@code BAD_SPEC} for a name that is none
     */
    public static Method named(String name) {
        return Arrays.stream(values())
                .filter(method -> method.label().equals(name.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.BAD_SPEC,
                        "Method '" + name + "' of the attack is not known; expected one of "
                                + Arrays.stream(values()).map(Method::label).collect(Collectors.joining(", ")) + "."));
    }
}
