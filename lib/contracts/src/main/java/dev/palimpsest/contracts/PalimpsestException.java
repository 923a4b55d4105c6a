package dev.palimpsest.contracts;

/**
 * The one exception of this project: a stable code, and a message for the person who reads it that says what was wrong,
 * where, what was expected and what to do.
 */
public final class PalimpsestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public PalimpsestException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public PalimpsestException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    /** Whether the same call may succeed later; see {@link ErrorCode#retryable()}. */
    public boolean retryable() {
        return code.retryable();
    }
}
