/** What several modules' tests need: the real broker and store in the test's own process, and the shared fixtures. */
@NullMarked
package dev.palimpsest.testkit;

import org.jspecify.annotations.NullMarked;
