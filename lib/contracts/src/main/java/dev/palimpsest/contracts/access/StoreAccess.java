package dev.palimpsest.contracts.access;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What a service may do in the object store. Patterns are those of S3 policies: {@code *} stands for anything, also with slashes.
 * Everybody may list the names of the bucket, since S3 tells an absent object from a forbidden one only to who may list; names are
 * typed ids and digests.
 *
 * @param reads keys of objects that may be read
 * @param writes keys of objects that may be created
 * @param deletes keys of objects that may be deleted
 */
public record StoreAccess(List<String> reads, List<String> writes, List<String> deletes) {
    public StoreAccess {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        deletes = List.copyOf(deletes);
    }

    public boolean mayRead(String key) {
        return matches(reads, key);
    }

    public boolean mayWrite(String key) {
        return matches(writes, key);
    }

    public boolean mayDelete(String key) {
        return matches(deletes, key);
    }

    private static boolean matches(List<String> patterns, String key) {
        return patterns.stream()
                .anyMatch(pattern -> key.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q")));
    }
}
