/**
 * Stage three: candidates become ranked representatives, and - only when the owner supplied members and controls - a verdict. The
 * algorithms are in {@code cluster} and {@code score}.
 */
@NullMarked
package dev.palimpsest.select;

import org.jspecify.annotations.NullMarked;
