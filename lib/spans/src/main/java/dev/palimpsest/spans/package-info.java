/**
 * The trace of an audit: which it is ({@link TraceParent}), and where its spans go ({@link Spans}): to whatever takes OTLP, or nowhere. Span ids
 * are ours, because a unit that another worker takes up again is the same span; the batches and the protocol are OpenTelemetry's.
 */
@NullMarked
package dev.palimpsest.spans;

import org.jspecify.annotations.NullMarked;
