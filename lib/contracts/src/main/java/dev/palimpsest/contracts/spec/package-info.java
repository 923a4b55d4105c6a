/**
 * Reads {@code audit.yaml}: text in, {@link dev.palimpsest.contracts.AuditSpec} out, or every problem of the file at once with
 * its line. A spec is untrusted text: nothing in it is fetched, and unknown keys are refused rather than ignored, because a
 * misspelt key silently means "use the default".
 */
@NullMarked
package dev.palimpsest.contracts.spec;

import org.jspecify.annotations.NullMarked;
