/** The verbs of the command line. */
@NullMarked
package dev.palimpsest.cli.command;

import org.jspecify.annotations.NullMarked;
