/**
 * What may be done to the weights of a trained head before they are released, so that less of its members can be read from them. Each is
 * a function of the weights and, where it draws, of a seed.
 */
@NullMarked
package dev.palimpsest.embed.train.release;

import org.jspecify.annotations.NullMarked;
