/**
 * What several modules' tests need: the real broker and store in the test's own process ({@code infra}, {@code artifacts}), and the
 * shared fixtures. No main code depends on it.
 */
@NullMarked
package dev.palimpsest.testkit;

import org.jspecify.annotations.NullMarked;
