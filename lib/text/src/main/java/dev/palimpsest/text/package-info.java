/** The backbone for texts: MiniLM-L6-v2, whose weights come with the build. Nothing of PyTorch. */
@NullMarked
package dev.palimpsest.text;

import org.jspecify.annotations.NullMarked;
