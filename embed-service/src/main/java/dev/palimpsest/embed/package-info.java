/** Stage one: images become embeddings, a head is trained on them or taken as released, and the target is announced. */
@NullMarked
package dev.palimpsest.embed;

import org.jspecify.annotations.NullMarked;
