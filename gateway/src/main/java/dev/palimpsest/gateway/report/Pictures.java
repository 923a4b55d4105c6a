package dev.palimpsest.gateway.report;

import dev.palimpsest.contracts.ArtifactRef;
import org.jspecify.annotations.Nullable;

/** Gives pictures as {@code data:} addresses. */
@FunctionalInterface
public interface Pictures {
    /** The picture, small enough for a page; null when it cannot be shown. */
    @Nullable
    String dataUri(ArtifactRef ref);
}
