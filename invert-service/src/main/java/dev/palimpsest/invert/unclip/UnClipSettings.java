package dev.palimpsest.invert.unclip;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;

/**
 * How a picture is made.
 *
 * @param decoderSteps at least 2
 * @param superResSteps at least 2
 * @param guidance how far beyond "any picture" towards the embedding; 1 and below: none, and half the work
 */
public record UnClipSettings(int decoderSteps, int superResSteps, double guidance) {
    /** What the decoder was published with. */
    public static final UnClipSettings DEFAULT = new UnClipSettings(25, 7, 8.0);

    public UnClipSettings {
        require(decoderSteps >= 2, "decoder steps", decoderSteps, "at least 2");
        require(superResSteps >= 2, "super-resolution steps", superResSteps, "at least 2");
        require(Double.isFinite(guidance), "guidance", guidance, "a number");
    }

    /** Whether each step asks the decoder twice, once without the embedding. */
    public boolean guided() {
        return guidance > 1;
    }

    /** Steps of both loops. */
    public int steps() {
        return decoderSteps + superResSteps;
    }

    private static void require(boolean holds, String what, Object found, String expected) {
        if (!holds) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "UnCLIP: " + what + " " + found + ", expected " + expected + ".");
        }
    }
}
