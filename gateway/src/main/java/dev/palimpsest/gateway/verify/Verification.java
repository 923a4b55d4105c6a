package dev.palimpsest.gateway.verify;

import java.util.List;

/**
 * What a {@link Verifier} found.
 *
 * @param objects how many were read to their end
 * @param bytes of these
 * @param problems empty when every object is what it was when it was stored
 */
public record Verification(int schemaVersion, String audit, int objects, long bytes, List<Problem> problems) {
    public Verification {
        problems = List.copyOf(problems);
    }

    /**
     * An object that is missing or changed.
     *
     * @param code the name of an {@link dev.palimpsest.contracts.ErrorCode}
     */
    public record Problem(String key, String code, String text) {}
}
