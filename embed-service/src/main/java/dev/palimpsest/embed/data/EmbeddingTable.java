package dev.palimpsest.embed.data;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings that somebody made before, with their labels. A safetensors file: {@code embeddings} [n, d] float, {@code labels} [n] integers and perhaps
 * {@code parts} [n] with 0 for a member and 1 for one held out. Or a {@code .npy} file [n, d], with the labels in {@code NAME.labels.npy} and the
 * parts, if any, in {@code NAME.parts.npy} beside {@code NAME.npy}. Without parts every second row of a label is held out. The labels' numbers
 * are the names of the classes. The file is mapped: a row is read when it is asked for.
 */
final class EmbeddingTable implements Source {
    private final String name;
    private final Tensor rows;
    private final long[] labels;
    private final long @Nullable [] parts;
    private final Set<String> classes = new LinkedHashSet<>();

    private EmbeddingTable(Path file, Tensor rows, Tensor labels, @Nullable Tensor parts) {
        this.name = String.valueOf(file.getFileName());
        this.rows = rows;
        if (rows.shape().length != 2 || rows.shape()[1] < 1) {
            throw bad(file, "the embeddings have shape " + Arrays.toString(rows.shape()) + ", expected [n, d]");
        }
        this.labels = column(file, "labels", labels);
        this.parts = parts == null ? null : column(file, "parts", parts);
        Set<Long> sorted = new TreeSet<>();
        for (long label : this.labels) {
            sorted.add(label);
        }
        sorted.forEach(label -> classes.add(String.valueOf(label)));
    }

    /** By the ending, in lower case. */
    static boolean isNamed(String name) {
        return name.endsWith(".safetensors") || name.endsWith(".npy");
    }

    /** @throws PalimpsestException BAD_FILE, BAD_DATA, NOT_FOUND */
    static EmbeddingTable open(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!isNamed(name) || !Files.isRegularFile(file)) {
            throw bad(file, "expected a file that ends in .safetensors or .npy, found " + Folders.found(file));
        }
        if (name.endsWith(".npy")) {
            String stem = name.substring(0, name.length() - ".npy".length());
            Path labels = file.resolveSibling(stem + ".labels.npy");
            Path parts = file.resolveSibling(stem + ".parts.npy");
            if (!Files.exists(labels)) {
                throw bad(file, "there are no labels; expected them in " + labels + " as one integer a row");
            }
            return new EmbeddingTable(
                    file, Npy.open(file), Npy.open(labels), Files.exists(parts) ? Npy.open(parts) : null);
        }
        try (Safetensors tensors = Safetensors.open(file)) {
            if (!tensors.contains("embeddings") || !tensors.contains("labels")) {
                throw bad(file, "expected the tensors embeddings and labels, found " + tensors.names());
            }
            return new EmbeddingTable(
                    file,
                    tensors.tensor("embeddings"),
                    tensors.tensor("labels"),
                    tensors.contains("parts") ? tensors.tensor("parts") : null);
        }
    }

    @Override
    public String noun() {
        return "embedding";
    }

    @Override
    public List<String> classes() {
        return List.copyOf(classes);
    }

    @Override
    public Set<String> named(String label) {
        return classes.contains(label) ? Set.of(label) : Set.of();
    }

    @Override
    public void walk(Set<String> wanted, Sink sink) {
        for (int i = 0; i < labels.length; i++) {
            String label = String.valueOf(labels[i]);
            if (wanted.contains(label)) {
                String part = parts == null ? null : parts[i] == 0 ? Entry.MEMBER : Entry.HELD_OUT;
                if (isFinite(rows.row(i))) {
                    sink.sample(name + ":" + i, label, part, new Content.Row(rows, i));
                } else {
                    sink.skip(name + ", row " + i + ": a number is not finite.");
                }
            }
        }
    }

    private static boolean isFinite(float[] row) {
        for (float value : row) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private long[] column(Path file, String what, Tensor column) {
        if (column.shape().length != 1 || column.shape()[0] != rows.shape()[0]) {
            throw bad(
                    file,
                    what + " have shape " + Arrays.toString(column.shape()) + ", expected [" + rows.shape()[0]
                            + "]: one a row");
        }
        return column.toLongs();
    }

    private static PalimpsestException bad(Path file, String what) {
        return new PalimpsestException(ErrorCode.BAD_DATA, file + " cannot be used as embeddings: " + what);
    }
}
