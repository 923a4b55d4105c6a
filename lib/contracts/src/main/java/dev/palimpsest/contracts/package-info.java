/**
 * What the services say to each other and to people: message records, the audit spec, artifact references and keys, and
 * error codes. Depends on nothing else of ours; a released version of anything here is kept readable.
 */
@NullMarked
package dev.palimpsest.contracts;

import org.jspecify.annotations.NullMarked;
