/**
 * Trains the head of a study, the way the heads of the published attack were trained. Plain Java, DJL and EJML: no messages, no storage.
 */
@NullMarked
package dev.palimpsest.embed.train;

import org.jspecify.annotations.NullMarked;
