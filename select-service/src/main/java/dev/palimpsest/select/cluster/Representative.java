package dev.palimpsest.select.cluster;

/**
 * One cluster of candidates, as one vector.
 *
 * @param x {@code [d]} in the space that the head saw, with scale
 * @param score as {@link Ranking} gives it
 * @param scored whether {@code score} is a candidate's own, from its method
 * @param label class with the largest sum of multipliers in the cluster; of a scored cluster the label of the best candidate
 * @param candidates how many candidates the cluster holds
 * @param trials how many distinct trials they came from
 * @param coherence mean cosine between two of them, 1 for a single candidate
 * @param multipliers sum of their absolute multipliers
 */
public record Representative(
        float[] x,
        double score,
        boolean scored,
        int label,
        int candidates,
        int trials,
        double coherence,
        double multipliers) {}
