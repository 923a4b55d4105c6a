package dev.palimpsest.reconstruct.attack;

/**
 * What the auditor knows and grants.
 *
 * @param preset {@code fast}; others are refused by {@link Attack}
 * @param members how many samples the head was trained on; 0 when unknown
 * @param weightDecay of the training; 0 when unknown
 * @param seconds of search on one thread; the search is cut into units of about {@link Attack#UNIT_SECONDS}, at least one and at
 *     most {@link Attack#MOST_UNITS}
 * @param seed same seed, same candidates
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record AttackSettings(String preset, int members, double weightDecay, int seconds, long seed, String device) {}
