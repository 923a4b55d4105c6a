/** What the command line needs of a gateway: sending an audit with its files, and watching it. */
@NullMarked
package dev.palimpsest.cli.client;

import org.jspecify.annotations.NullMarked;
