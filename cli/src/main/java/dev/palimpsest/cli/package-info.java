/** The {@code palimpsest} command: one class for each verb, on the packages beside it. */
@NullMarked
package dev.palimpsest.cli;

import org.jspecify.annotations.NullMarked;
