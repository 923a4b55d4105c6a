/** What an owner may ask of a running or failed audit: stop, pause, go on, try again. */
@NullMarked
package dev.palimpsest.gateway.control;

import org.jspecify.annotations.NullMarked;
