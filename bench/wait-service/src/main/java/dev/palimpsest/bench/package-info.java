/** What {@code bench/Scaling.java} measures: everything of a stage but its work. */
@NullMarked
package dev.palimpsest.bench;

import org.jspecify.annotations.NullMarked;
