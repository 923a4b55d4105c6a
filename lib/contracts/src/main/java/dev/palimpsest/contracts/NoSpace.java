package dev.palimpsest.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises a full disk behind whatever a library has made of it: the operating system tells it by words only. */
public final class NoSpace {
    /** ENOSPC and EDQUOT as the C library words them. */
    private static final List<String> WORDS = List.of("No space left on device", "Disk quota exceeded");

    private NoSpace() {}

    /** Whether the failure or one of its causes is {@link ErrorCode#NO_SPACE}, or the system's words for it. */
    public static boolean isIn(@Nullable Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof PalimpsestException known && known.code() == ErrorCode.NO_SPACE) {
                return true;
            }
            if (isInText(String.valueOf(e.getMessage()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a line of a log has the system's words for it. */
    public static boolean isInText(String line) {
        return WORDS.stream().anyMatch(line::contains);
    }
}
