package dev.palimpsest.reconstruct.attack;

/**
 * The end of a {@link GatePursuit}.
 *
 * @param candidates consistent members with scores in {@code (2, 3]}, the others in {@code (0, 1]}
 * @param iterations steps that the rounds refined points by, summed over the points
 */
record Pursued(Candidates candidates, long iterations) {}
