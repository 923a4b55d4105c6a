package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A folder that is one server's alone, among processes and within this one. The lock ends with its process, however that ends; the
 * file stays.
 */
final class FolderLock implements AutoCloseable {
    private static final String FILE = ".in-use";

    /** Of this process: opening the file a second time and closing it again would give up the first one's lock (POSIX). */
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Makes the folder if it is absent.
     *
     * @throws PalimpsestException {@link ErrorCode#IN_USE} when another server has it; {@link ErrorCode#NO_SPACE} when it can't be made
     */
    static FolderLock take(Path folder) {
        try {
            Path real = Files.createDirectories(folder).toRealPath();
            if (!TAKEN.add(real)) {
                throw inUse(folder);
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(real.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (channel.tryLock() == null) {
                    throw inUse(folder);
                }
                return new FolderLock(real, channel);
            } catch (IOException | PalimpsestException e) {
                TAKEN.remove(real);
                if (channel != null) {
                    channel.close();
                }
                throw e;
            }
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "The folder " + folder + " cannot be made or written: " + e.getMessage(), e);
        }
    }

    private static PalimpsestException inUse(Path folder) {
        return new PalimpsestException(
                ErrorCode.IN_USE,
                "The folder " + folder + " is in use by another server. Stop that one, or choose another folder.");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            TAKEN.remove(folder);
        }
    }
}
