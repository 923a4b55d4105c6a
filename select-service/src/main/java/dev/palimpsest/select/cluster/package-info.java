/**
 * From the candidates of all trials to a ranked list of representatives, without looking at members.
 *
 * <p>{@link dev.palimpsest.select.cluster.AverageLinkage} finds which candidates are the same point,
 * {@link dev.palimpsest.select.cluster.Representatives} gives each cluster one vector, and
 * {@link dev.palimpsest.select.cluster.Ranking} says which are the most credible. Plain Java: no messages, no storage.
 */
@NullMarked
package dev.palimpsest.select.cluster;

import org.jspecify.annotations.NullMarked;
