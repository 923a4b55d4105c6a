/**
 * How good a list of representatives is when the owner of the data supplied members and controls.
 *
 * <p>{@link Matching} pairs members and representatives one to one,
 * {@link Calibration} does the same with controls and compares, and
 * {@link Grade} turns the outcome into a verdict. Nothing of this ever flows back into the
 * choice of representatives.
 */
@NullMarked
package dev.palimpsest.select.score;

import org.jspecify.annotations.NullMarked;
