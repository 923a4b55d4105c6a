/** Says how like finished pictures are to the photographs that they may be of: what a picture is judged by, never what it is made by. */
@NullMarked
package dev.palimpsest.gateway.measure;

import org.jspecify.annotations.NullMarked;
