/** What an owner may ask of an audit: stop, pause, go on, try again, erase; and what is done by itself when an audit is too old. */
@NullMarked
package dev.palimpsest.gateway.control;

import org.jspecify.annotations.NullMarked;
