/**
 * From the candidates of all trials to a ranked list of representatives, without looking at members.
 *
 * <p>{@link AverageLinkage} finds which candidates are the same point,
 * {@link Representatives} gives each cluster one vector, and
 * {@link Ranking} says which are the most credible. Plain Java: no messages, no storage.
 */
@NullMarked
package dev.palimpsest.select.cluster;

import org.jspecify.annotations.NullMarked;
