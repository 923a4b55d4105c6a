package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.contracts.DefenceSpec;
import org.jspecify.annotations.Nullable;

/**
 * What the auditor knows and grants.
 *
 * @param preset {@code fast} or {@code paper}; others are refused by {@link Attack}
 * @param method of the preset {@code fast}; {@code paper} has its own
 * @param loss of the head's training
 * @param members how many samples the head was trained on; 0 when unknown
 * @param weightDecay of the training; 0 when unknown
 * @param seconds of search on one thread of a modest core; they decide how many units the search has, at least one and at most
 *     {@link Attack#MOST_UNITS}, and how much work each. No clock is looked at
 * @param seed same seed, same candidates
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param defence of training and release, where it is known; null: none is known of
 */
public record AttackSettings(
        String preset,
        Method method,
        TrainingLoss loss,
        int members,
        double weightDecay,
        int seconds,
        long seed,
        String device,
        @Nullable DefenceSpec defence) {

    /** Of a head that is not known to have a defence. */
    public AttackSettings(
            String preset,
            Method method,
            TrainingLoss loss,
            int members,
            double weightDecay,
            int seconds,
            long seed,
            String device) {
        this(preset, method, loss, members, weightDecay, seconds, seed, device, null);
    }

    /** With the method that suits the head and the usual loss. */
    public AttackSettings(String preset, int members, double weightDecay, int seconds, long seed, String device) {
        this(preset, Method.AUTO, TrainingLoss.MARGIN, members, weightDecay, seconds, seed, device);
    }
}
