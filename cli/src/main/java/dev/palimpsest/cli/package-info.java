/**
 * The {@code palimpsest} command: its entry point, on {@code command} (a class for each verb), {@code client} (the gateway's HTTP),
 * {@code local} (the stack on this machine) and {@code backbone} (the backbones on this machine).
 */
@NullMarked
package dev.palimpsest.cli;

import org.jspecify.annotations.NullMarked;
