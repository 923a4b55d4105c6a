package dev.palimpsest.gateway.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.view.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The gateway's use of the {@link ArtifactStore}; checks what comes from outside before it is kept. */
public final class GatewayStore implements Documents, AutoCloseable {
    /** The largest upload: the largest backbone that this project knows has less. */
    public static final long LARGEST_UPLOAD = 4L << 30;

    private static final long LARGEST_DOCUMENT = 64L << 20;
    private static final int CHUNK = 1 << 16;
    private static final int ASKED_AT_ONCE = 8;

    private static final int RECENT = 32;

    private final ArtifactStore store;

    /** What was read last; documents never change. A gallery asks for the same selection once for every picture. */
    private final Map<ArtifactRef, Object> documents =
            Collections.synchronizedMap(new LinkedHashMap<>(RECENT, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<ArtifactRef, Object> eldest) {
                    return size() > RECENT;
                }
            });

    public GatewayStore(ArtifactStore store) {
        this.store = store;
    }

    /** The reference of what is at the key, if there is something. */
    public Optional<ArtifactRef> find(String key) {
        return store.stat(key);
    }

    /** The reference of an upload that is there already. */
    public Optional<ArtifactRef> upload(Keys.Area area, String sha256) {
        return store.stat(Keys.upload(area, sha256));
    }

    /**
     * Keeps a body under its digest; reads it to a temporary file first, so that what does not match is never stored.
     *
     * @throws PalimpsestException DIGEST_MISMATCH when the content has another digest; USAGE above {@link #LARGEST_UPLOAD}
     */
    public ArtifactRef upload(Keys.Area area, String sha256, InputStream body) throws IOException {
        Optional<ArtifactRef> existing = upload(area, sha256);
        if (existing.isPresent()) {
            return existing.get();
        }
        Path file = Files.createTempFile("palimpsest-upload-", ".part");
        try {
            String found = copy(body, file);
            if (!found.equals(sha256)) {
                throw new PalimpsestException(
                        ErrorCode.DIGEST_MISMATCH,
                        "The address promises sha256 " + sha256 + ", the body has " + found + ": send the file again");
            }
            return store.put(Keys.upload(area, sha256), file, "application/octet-stream");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Makes sure that every object is there with the size and digest of its reference: what is announced must be readable.
     *
     * @throws PalimpsestException NOT_FOUND for the first that is not
     */
    public void requireAll(List<ArtifactRef> refs) {
        List<Callable<Boolean>> looks = refs.stream()
                .<Callable<Boolean>>map(ref -> () -> store.stat(ref.key()).equals(Optional.of(ref)))
                .toList();
        ExecutorService askers = Executors.newFixedThreadPool(ASKED_AT_ONCE);
        try {
            List<Future<Boolean>> there = askers.invokeAll(looks);
            for (int i = 0; i < refs.size(); i++) {
                if (!there.get(i).get()) {
                    throw new PalimpsestException(
                            ErrorCode.NOT_FOUND,
                            "The file " + refs.get(i).key() + " is not in the store: upload it first");
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PalimpsestException cause) {
                throw cause;
            }
            throw new PalimpsestException(ErrorCode.INTERNAL, "Looking for the files of an audit failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(ErrorCode.INTERNAL, "Stopped while looking for the files of an audit", e);
        } finally {
            askers.shutdownNow();
        }
    }

    /** All keys that begin with the prefix. */
    public List<String> list(String prefix) {
        return store.list(prefix);
    }

    /** Deletes what is at these keys, and forgets what was read of it. */
    public void delete(List<String> keys) {
        Set<String> gone = Set.copyOf(keys);
        store.delete(keys);
        documents.keySet().removeIf(ref -> gone.contains(ref.key()));
    }

    /** Stores a document as JSON. */
    public ArtifactRef store(String key, Object document) {
        try {
            return store.put(key, Json.mapper().writeValueAsBytes(document), "application/json");
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write " + key, e);
        }
    }

    @Override
    public <T> T read(ArtifactRef ref, Class<T> type) {
        Optional<T> recent =
                Optional.ofNullable(documents.get(ref)).filter(type::isInstance).map(type::cast);
        return recent.orElseGet(() -> {
            T document = parse(ref, type);
            documents.put(ref, document);
            return document;
        });
    }

    private <T> T parse(ArtifactRef ref, Class<T> type) {
        try {
            T document = Json.mapper().readValue(bytes(ref), type);
            if (document == null) {
                throw new PalimpsestException(ErrorCode.BAD_FILE, ref.key() + " is empty");
            }
            return document;
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE, ref.key() + " is not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** The verified content of a document or picture. */
    public byte[] bytes(ArtifactRef ref) {
        if (ref.bytes() > LARGEST_DOCUMENT) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    ref.key() + " has " + ref.bytes() + " bytes: too large for a document or picture");
        }
        return store.get(ref);
    }

    /** The content as a stream that is verified at its end. */
    public InputStream open(ArtifactRef ref) {
        return store.open(ref);
    }

    /** Whether the store answers. */
    public boolean ready() {
        return store.ready();
    }

    @Override
    public void close() {
        store.close();
    }

    private static String copy(InputStream body, Path file) throws IOException {
        MessageDigest digest = Digests.newDigest();
        long size = 0;
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
                size += read;
                if (size > LARGEST_UPLOAD) {
                    throw new PalimpsestException(ErrorCode.USAGE, "The upload is larger than 4 GiB");
                }
                digest.update(chunk, 0, read);
                out.write(chunk, 0, read);
            }
        }
        return Digests.hex(digest.digest());
    }
}
