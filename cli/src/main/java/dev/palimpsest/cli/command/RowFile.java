package dev.palimpsest.cli.command;

import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rows of float32 that are not known to be how many, on disk until they are: a hidden file beside the result, gone when closed. */
final class RowFile implements AutoCloseable {
    private static final int LARGEST_PIECE = 1 << 30;

    private final Path file;
    private final OutputStream out;
    private long rows;
    private int width;

    /** @param result the file that the rows are for */
    RowFile(Path result) {
        Path folder = result.toAbsolutePath().getParent();
        try {
            this.file = Files.createTempFile(folder, ".rows", ".part");
            this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        } catch (IOException e) {
            throw notWritten(result, e);
        }
    }

    void add(float[] row) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        try {
            out.write(bytes.array());
        } catch (IOException e) {
            throw notWritten(file, e);
        }
        width = row.length;
        rows++;
    }

    long rows() {
        return rows;
    }

    /**
     * All rows, mapped.
     *
     * @param shape of one row
     */
    Tensor tensor(long... shape) {
        long[] all = new long[shape.length + 1];
        all[0] = rows;
        System.arraycopy(shape, 0, all, 1, shape.length);
        try {
            out.flush();
            try (FileChannel channel = FileChannel.open(file)) {
                long bytes = 4L * width * rows;
                List<ByteBuffer> pieces = new ArrayList<>();
                for (long at = 0; at < bytes; at += LARGEST_PIECE) {
                    pieces.add(channel.map(FileChannel.MapMode.READ_ONLY, at, Math.min(LARGEST_PIECE, bytes - at)));
                }
                return Tensor.ofSegments(Dtype.F32, pieces, all);
            }
        } catch (IOException e) {
            throw notWritten(file, e);
        }
    }

    @Override
    public void close() {
        try (out) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw notWritten(file, e);
        }
    }

    private static PalimpsestException notWritten(Path file, IOException e) {
        return new PalimpsestException(
                ErrorCode.NO_SPACE,
                "Cannot write beside " + file + " (" + e.getMessage()
                        + "); check the folder, its rights and its free space",
                e);
    }
}
