/** How like two pictures are: what a finished inversion is judged by, never what it is made by. */
@NullMarked
package dev.palimpsest.invert.measure;

import org.jspecify.annotations.NullMarked;
