package dev.palimpsest.artifacts;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Named tensors as one object of the store. */
public final class TensorArtifacts {
    /** The media type of safetensors objects. */
    public static final String CONTENT_TYPE = "application/vnd.safetensors";

    private final ArtifactStore store;

    public TensorArtifacts(ArtifactStore store) {
        this.store = store;
    }

    /** Writes the tensors once; equal tensors and metadata give equal bytes and so the same reference. */
    public ArtifactRef put(String key, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try {
            Path temporary = Files.createTempFile("palimpsest-", ".safetensors");
            try {
                SafetensorsWriter.write(temporary, tensors, metadata);
                return store.put(key, temporary, CONTENT_TYPE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "No temporary file for %s can be made: %s".formatted(key, e), e);
        }
    }

    /** Reads all tensors into memory, verified; for large files use {@link ArtifactStore#fetch} and map them. */
    public Safetensors get(ArtifactRef ref) {
        try (InputStream in = store.open(ref)) {
            return read(in, ref);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.STORE_UNAVAILABLE, "Reading %s was interrupted: %s".formatted(ref.key(), e), e);
        }
    }

    private static Safetensors read(InputStream in, ArtifactRef ref) throws IOException {
        try {
            return Safetensors.read(in, ref.key());
        } catch (PalimpsestException e) {
            // If the digest is wrong as well, that is the reason and the better message: the end of the stream says so.
            in.transferTo(OutputStream.nullOutputStream());
            throw e;
        }
    }
}
