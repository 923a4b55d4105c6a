package dev.palimpsest.contracts;

/** Stable codes of everything that can go wrong; part of the contract with users, dead letters and problem details. */
public enum ErrorCode {
    /** A file or object is damaged, truncated, or not of the format that its name says. */
    BAD_FILE(false),
    /** An image cannot be decoded, or is larger than what is accepted. */
    BAD_IMAGE(false),
    /** The spec has unknown keys, missing values or values out of range. */
    BAD_SPEC(false),
    /** A dataset cannot be used: an empty class, a class with one image. */
    BAD_DATA(false),
    /** Shapes that do not fit together: head and backbone, embedding and normaliser. */
    SHAPE_MISMATCH(false),
    /** NaN or infinite numbers where finite ones are needed. */
    NOT_FINITE(false),
    /** There is nothing to reconstruct per sample in such a head. */
    NOT_ATTACKABLE(false),
    /** A message that cannot be decoded, or of a schema version that this build does not read. */
    BAD_MESSAGE(false),
    /** A named object, file or audit does not exist. */
    NOT_FOUND(false),
    /** The digest of what was read is not the digest that was promised. */
    DIGEST_MISMATCH(false),
    /** The object exists already with other content. */
    CONFLICT(false),
    /** The object store does not answer or refuses for now. */
    STORE_UNAVAILABLE(true),
    /** The broker does not answer for now. */
    BROKER_UNAVAILABLE(true),
    /** The disk or the store is full. */
    NO_SPACE(false),
    /** The machine or the device has less memory than the work needs. */
    NO_MEMORY(false),
    /** A port, a lock or a running process stands in the way. */
    IN_USE(false),
    /** More is asked for at once than is taken on. */
    BUSY(true),
    /** Wrong use of a command or a request. */
    USAGE(false),
    /** A defect of Palimpsest itself. */
    INTERNAL(false);

    private final boolean retryable;

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean retryable() {
        return retryable;
    }
}
