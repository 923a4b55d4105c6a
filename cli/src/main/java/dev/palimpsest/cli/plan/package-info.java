/** What an audit will know and cost, before anything is spent on it. */
@NullMarked
package dev.palimpsest.cli.plan;

import org.jspecify.annotations.NullMarked;
