package dev.palimpsest.contracts;

import java.util.regex.Pattern;

/**
 * Names an immutable object of the store together with what it must contain. Messages carry references, never payloads.
 *
 * @param key the object's key, of the grammar that {@link Keys} writes
 * @param sha256 digest of the content, 64 lower-case hexadecimal digits
 * @param bytes size of the content
 */
public record ArtifactRef(String key, String sha256, long bytes) {
    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._=-]*)+");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public ArtifactRef {
        requireKey(key);
        if (sha256 == null || !SHA256.matcher(sha256).matches()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE, "The artifact reference " + key + " has no valid sha256: " + sha256);
        }
        if (bytes < 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE, "The artifact reference " + key + " has a negative size: " + bytes);
        }
    }

    /** Returns the key if it is well formed; no key that this accepts can leave its prefix. */
    public static String requireKey(String key) {
        if (key == null || key.length() > 512 || !KEY.matcher(key).matches() || key.contains("..")) {
            throw new PalimpsestException(ErrorCode.BAD_MESSAGE, "Not a valid artifact key: " + key);
        }
        return key;
    }
}
