/** What came back from a head, piece by piece, beside the members that it comes closest to. */
@NullMarked
package dev.palimpsest.gateway.gallery;

import org.jspecify.annotations.NullMarked;
