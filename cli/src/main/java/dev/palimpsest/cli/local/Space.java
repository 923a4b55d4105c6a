package dev.palimpsest.cli.local;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.infra.EmbeddedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room on the disk of a home.
 *
 * @param home the folder that the stack lives in
 * @param free bytes that this user may still write there
 * @param unpacked whether the engine's libraries are there already
 */
public record Space(Path home, long free, boolean unpacked) {
    /** The demo's store, its backbone's copy, the broker's log and the log files had 190 MiB when it was done, the quick one's 31 MiB. */
    private static final long AUDIT = (192L << 20) + EmbeddedStore.RESERVE;

    /** What PyTorch's libraries for a CPU take, which the first audit unpacks. */
    private static final long ENGINE = 432L << 20;

    /** Looks at the disk now. */
    public static Space of(Home home) {
        boolean elsewhere = System.getenv("PYTORCH_LIBRARY_PATH") != null;
        Path engine = home.cache().resolve("djl").resolve("pytorch");
        try {
            return new Space(
                    home.root(), Files.getFileStore(home.root()).getUsableSpace(), elsewhere || holdsLibraries(engine));
        } catch (IOException e) {
            throw new UncheckedIOException("The free space of " + home.root() + " cannot be told", e);
        }
    }

    /** A version's folder comes into being whole; one that could not be unpacked leaves its parent behind, empty. */
    private static boolean holdsLibraries(Path engine) throws IOException {
        if (!Files.isDirectory(engine)) {
            return false;
        }
        try (var versions = Files.newDirectoryStream(engine)) {
            return versions.iterator().hasNext();
        }
    }

    /** Bytes that a stack should find before it starts. */
    public long needed() {
        return unpacked ? AUDIT : AUDIT + ENGINE;
    }

    public boolean enough() {
        return free >= needed();
    }

    /** Whether so little is left that the broker may not have been able to write. */
    boolean usedUp() {
        return free < EmbeddedStore.RESERVE;
    }

    /** @throws PalimpsestException {@link ErrorCode#NO_SPACE} saying what is free, what is needed, where, and what to do */
    public void require() {
        if (!enough()) {
            throw new PalimpsestException(ErrorCode.NO_SPACE, "Not enough space: " + found() + ". " + advice());
        }
    }

    /** What there is and what is needed. */
    public String found() {
        return "%d MiB are free in %s, %d MiB are needed%s"
                .formatted(
                        mib(free),
                        home,
                        mib(needed()),
                        unpacked ? "" : " (%d of them once, for the engine's libraries)".formatted(mib(ENGINE)));
    }

    /** What to do about it. */
    public String advice() {
        return "Free %d MiB there, or point PALIMPSEST_HOME to a folder on another disk."
                .formatted(mib(Math.max(0, needed() - free)) + 1);
    }

    private static long mib(long bytes) {
        return bytes >> 20;
    }
}
