/** Pictures that stages make, without the engine: how alike two of them are. */
@NullMarked
package dev.palimpsest.artifacts.picture;

import org.jspecify.annotations.NullMarked;
