/**
 * What every stage service shares. A Kafka record becomes one unit of work with one effect: {@link StageRunner} decodes it, looks
 * for the receipt of earlier work, runs the service's {@link UnitHandler}, stores a receipt, announces and returns; what
 * cannot be handled goes to the stage's dead-letter topic. Around it: progress, control, health and metrics.
 */
@NullMarked
package dev.palimpsest.stage;

import org.jspecify.annotations.NullMarked;
