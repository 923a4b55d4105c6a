package dev.palimpsest.gateway.measure;

import org.jspecify.annotations.Nullable;

/**
 * What a finished picture is worth, beside what could be had without it.
 *
 * @param member the picture and the member that its representative comes closest to
 * @param control the picture and the photograph outside the training set that it is closest to; null without controls, as the next three
 * @param closerControls share of controls, 0 to 1, that are closer to the picture than the member is
 * @param publicFile the photograph outside the training set that the representative comes closest to: what one could show without inversion
 * @param nearestPublic that photograph and the member
 * @param upperBound the picture made from the member's true embedding and the member; null when there is none
 */
public record Measures(
        Likeness member,
        @Nullable Likeness control,
        @Nullable Double closerControls,
        @Nullable String publicFile,
        @Nullable Likeness nearestPublic,
        @Nullable Likeness upperBound) {
    /** Whether the picture is closer to the member than the nearest public photograph is; true when there is none. */
    public boolean beatsPublic() {
        return nearestPublic == null || member.distance() < nearestPublic.distance();
    }
}
