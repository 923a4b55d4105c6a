/**
 * Stage one: images become embeddings, a head is trained on them or taken as released, and the target is announced. Binds {@code data}
 * and {@code train} to messages ({@code stage}) and to the store ({@code artifacts}).
 */
@NullMarked
package dev.palimpsest.embed;

import org.jspecify.annotations.NullMarked;
