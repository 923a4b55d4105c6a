package dev.palimpsest.invert.retrieval;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Raw embeddings of public samples, {@code [n, d]}, and what the samples are called. A file stays where it is: it is mapped, and read a
 * block at a time.
 */
public final class Gallery {
    /** How the samples' names stand beside {@code embeddings} in a safetensors file: UTF-8, a line each. */
    private static final String NAMES = "names";

    // Divides the buffers' size, so that each buffer holds whole numbers.
    private static final int FLOAT = 4;
    private static final long SEGMENT = 1L << 30;

    private final String origin;
    private final Tensor embeddings;
    private final @Nullable Tensor named;
    private final List<ByteBuffer> segments;

    private Gallery(String origin, Tensor embeddings, @Nullable Tensor named) {
        long[] shape = embeddings.shape();
        if (shape.length != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > Integer.MAX_VALUE) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The gallery %s has embeddings of shape %s, expected [n, d] with at least one row."
                            .formatted(origin, Arrays.toString(shape)));
        }
        if (embeddings.dtype() != Dtype.F32 && embeddings.dtype() != Dtype.F16 && embeddings.dtype() != Dtype.BF16) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The gallery %s holds numbers of type %s, expected float32, float16 or bfloat16."
                            .formatted(origin, embeddings.dtype()));
        }
        this.origin = origin;
        this.embeddings = embeddings;
        this.named = named;
        segments = embeddings.segments();
    }

    /**
     * Maps a file.
     *
     * @param file safetensors with {@code embeddings} [n, d] and perhaps {@code names}, as {@code palimpsest embed} writes; or .npy [n, d]
     * @throws PalimpsestException {@code NOT_FOUND}, {@code BAD_FILE}, {@code SHAPE_MISMATCH}
     */
    public static Gallery open(Path file) {
        if (file.toString().endsWith(".npy")) {
            return new Gallery(file.toString(), Npy.open(file), null);
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            return new Gallery(
                    file.toString(),
                    tensors.tensor("embeddings"),
                    tensors.contains(NAMES) ? tensors.tensor(NAMES) : null);
        }
    }

    /**
     * Embeddings that were made on the spot.
     *
     * @param names as many as there are rows
     */
    public static Gallery of(String origin, Tensor embeddings, List<String> names) {
        return new Gallery(
                origin, embeddings, Tensor.ofBytes(String.join("\n", names).getBytes(StandardCharsets.UTF_8)));
    }

    /** How many samples there are. */
    public int size() {
        return (int) embeddings.shape()[0];
    }

    /** The width d of an embedding. */
    public int width() {
        return (int) embeddings.shape()[1];
    }

    /** What the gallery is called in messages. */
    public String origin() {
        return origin;
    }

    /** The names of rows, in their order; {@code #row} where there is none. */
    List<String> names(List<Integer> rows) {
        String[] all =
                named == null ? new String[0] : new String(named.toBytes(), StandardCharsets.UTF_8).split("\n", -1);
        return rows.stream().map(row -> row < all.length ? all[row] : "#" + row).toList();
    }

    /** Copies {@code count} rows from {@code first} to the start of the target, as float32. */
    void read(int first, int count, float[] target) {
        int d = width();
        if (embeddings.dtype() != Dtype.F32) {
            for (int i = 0; i < count; i++) {
                System.arraycopy(embeddings.row(first + i), 0, target, i * d, d);
            }
            return;
        }
        long begin = (long) first * d * FLOAT;
        int floats = count * d;
        for (int at = 0; at < floats; ) {
            long position = begin + (long) at * FLOAT;
            ByteBuffer segment = segments.get((int) (position / SEGMENT));
            int from = (int) (position % SEGMENT) / FLOAT;
            int n = Math.min(floats - at, segment.limit() / FLOAT - from);
            segment.asFloatBuffer().get(from, target, at, n);
            at += n;
        }
    }
}
