/** Records that no stage could handle: which there are, what each holds, and sending one to its stage again or giving it up. */
@NullMarked
package dev.palimpsest.gateway.letters;

import org.jspecify.annotations.NullMarked;
