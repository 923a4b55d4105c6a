/**
 * What the command line needs of a gateway: sending an audit with its files, and watching it. Knows the gateway by HTTP and
 * {@code contracts}, and reads a dataset's folder as the embed stage does.
 */
@NullMarked
package dev.palimpsest.cli.client;

import org.jspecify.annotations.NullMarked;
