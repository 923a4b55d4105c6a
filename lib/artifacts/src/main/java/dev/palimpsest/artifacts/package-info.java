/**
 * Immutable objects in an S3 store: written once, named by a key and a digest, verified whenever they are read. Several
 * workers may do the same unit of work; the store decides which one counts. Depends on {@code contracts} and the MinIO SDK.
 */
@NullMarked
package dev.palimpsest.artifacts;

import org.jspecify.annotations.NullMarked;
