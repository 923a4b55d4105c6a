package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A bounded, validating reader. Everything is checked when it is opened: the header is at most 1 MiB of valid UTF-8
 * JSON without duplicate keys, every type is in {@link Dtype}, no tensor has more than {@link Tensor#MAX_RANK}
 * dimensions, and the tensors cover the data section exactly. Anything else is a {@link PalimpsestException} of code
 * {@link ErrorCode#BAD_FILE} that names the file and the tensor. Safe for use by several threads.
 */
public final class Safetensors implements AutoCloseable {
    private final String origin;
    private final Map<String, TensorSource> tensors;
    private final Map<String, String> metadata;
    private final List<TensorSource> sources;

    private Safetensors(
            String origin,
            Map<String, TensorSource> tensors,
            Map<String, String> metadata,
            List<TensorSource> sources) {
        this.origin = origin;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        this.sources = List.copyOf(sources);
    }

    /** Maps a file, also above 2 GiB. Tensors already taken stay valid after {@link #close()}. */
    public static Safetensors open(Path file) {
        return of(file.toString(), TensorSource.Mapped.open(file));
    }

    /**
     * Reads a stream to its end into memory and leaves closing it to the caller.
     *
     * @param origin what to call the stream in messages
     */
    public static Safetensors read(InputStream in, String origin) {
        return of(origin, new TensorSource.InMemory(in, origin));
    }

    /** The {@code model.safetensors} of a folder, or the shards that {@code model.safetensors.index.json} lists. */
    public static Safetensors openCheckpoint(Path folder) {
        return openCheckpoint(folder, "model");
    }

    /** The same under another name: {@code stem.safetensors}, or the shards that {@code stem.safetensors.index.json} lists. */
    public static Safetensors openCheckpoint(Path folder, String stem) {
        return Checkpoint.open(folder, stem);
    }

    private static Safetensors of(String origin, TensorSource source) {
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        source.header().tensors().keySet().forEach(name -> tensors.put(name, source));
        return new Safetensors(origin, tensors, source.header().metadata(), List.of(source));
    }

    static Safetensors sharded(String origin, Map<String, TensorSource> tensors, List<TensorSource> sources) {
        return new Safetensors(origin, tensors, Map.of(), sources);
    }

    /** In the order of the data. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The free-text {@code __metadata__}; empty for a sharded checkpoint. */
    public Map<String, String> metadata() {
        return metadata;
    }

    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /** Throws {@link ErrorCode#NOT_FOUND}, with the names that there are, if there is no such tensor. */
    public Tensor tensor(String name) {
        TensorSource source = tensors.get(name);
        TensorInfo info = source == null ? null : source.header().tensors().get(name);
        if (source == null || info == null) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "%s has no tensor %s; it has %s.".formatted(origin, Names.quote(name), someNames()));
        }
        return source.tensor(name, info);
    }

    /** All tensors by name, in the order of the data. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        names().forEach(name -> all.put(name, tensor(name)));
        return all;
    }

    /**
     * A document that travels with the tensors: the bytes of the tensor {@code name} as UTF-8, or, as earlier releases wrote it, the
     * metadata of that name, which has room for a megabyte; null when neither is there.
     */
    public @Nullable String document(String name) {
        return contains(name) ? new String(tensor(name).toBytes(), StandardCharsets.UTF_8) : metadata.get(name);
    }

    private String someNames() {
        int shown = 12;
        String some = tensors.keySet().stream().limit(shown).map(Names::quote).collect(Collectors.joining(", "));
        if (tensors.isEmpty()) {
            return "none";
        }
        return tensors.size() <= shown ? some : some + " and " + (tensors.size() - shown) + " more";
    }

    /** Says that all tensors will be wanted soon, so that a file is read from the disk in order and in the background. */
    public void readAhead() {
        sources.forEach(TensorSource::readAhead);
    }

    @Override
    public void close() {
        sources.forEach(TensorSource::close);
    }

    @Override
    public String toString() {
        return "safetensors " + origin + " (" + tensors.size() + " tensors)";
    }
}
