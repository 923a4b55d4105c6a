/**
 * The local stack: one process for broker and store, one for each service, from the same jars that production runs, on
 * loopback and free ports, with their data under a home folder that survives a restart.
 */
@NullMarked
package dev.palimpsest.cli.local;

import org.jspecify.annotations.NullMarked;
