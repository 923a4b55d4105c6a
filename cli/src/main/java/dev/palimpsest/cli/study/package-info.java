/**
 * Studies: many audits that differ in a few settings, and what they say together. Every cell is an ordinary audit; nothing here computes
 * anything but means.
 */
@NullMarked
package dev.palimpsest.cli.study;

import org.jspecify.annotations.NullMarked;
