/**
 * What the platform promises when something goes wrong, tried: the real services as child processes against a real broker and a real
 * store, tiny audits, and faults from a seed.
 */
@NullMarked
package dev.palimpsest.chaos;

import org.jspecify.annotations.NullMarked;
