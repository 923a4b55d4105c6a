/**
 * REST: thin resources over the projection ({@code view}), the store and the broker; every failure leaves as a problem (RFC 9457) with a
 * stable code.
 */
@NullMarked
package dev.palimpsest.gateway.api;

import org.jspecify.annotations.NullMarked;
