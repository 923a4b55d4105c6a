package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;

/** Reads the JSON documents that messages refer to. */
public interface Documents {
    /**
     * The document behind a reference.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException when it cannot be read; retryable when the store is away
     */
    <T> T read(ArtifactRef ref, Class<T> type);
}
