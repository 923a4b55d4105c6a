/**
 * The verbs of the command line. Those that work through the services use {@code local} and {@code client}; those that work in this
 * process ({@code embed}, {@code attack}, {@code cluster}, {@code invert}) call the services' algorithm packages directly.
 */
@NullMarked
package dev.palimpsest.cli.command;

import org.jspecify.annotations.NullMarked;
