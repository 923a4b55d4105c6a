package dev.palimpsest.artifacts;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.MinioClient;
import io.minio.RemoveObjectsArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.messages.DeleteError;
import io.minio.messages.DeleteObject;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Objects that are created once and never changed, and deleted only when a whole audit is erased. Whoever comes second with the same content gets the same reference;
 * with other content, {@link ErrorCode#CONFLICT}. What is read is compared with the digest of its reference.
 *
 * <p>Every method throws {@link ErrorCode#STORE_UNAVAILABLE} (retryable) if the store does not answer, {@link
 * ErrorCode#USAGE} if it refuses the credentials, {@link ErrorCode#NO_SPACE} if it is full. Safe for several threads.
 */
public final class ArtifactStore implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(60);

    private final StoreSettings settings;
    private final OkHttpClient http;
    private final MinioClient client;
    private final Upload upload;
    private final WhenFull whenFull;

    private ArtifactStore(
            StoreSettings settings, OkHttpClient http, MinioClient client, Upload upload, WhenFull whenFull) {
        this.settings = settings;
        this.http = http;
        this.client = client;
        this.upload = upload;
        this.whenFull = whenFull;
    }

    /** What to do when there is no space: return, and the write is tried again; or throw. */
    @FunctionalInterface
    public interface WhenFull {
        void full(PalimpsestException noSpace);
    }

    /** Prepares connections; nothing is sent before the first call. */
    public static ArtifactStore connect(StoreSettings settings) {
        OkHttpClient http = new OkHttpClient.Builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .readTimeout(TRANSFER_TIMEOUT)
                .writeTimeout(TRANSFER_TIMEOUT)
                .build();
        MinioClient client = MinioClient.builder()
                .endpoint(settings.endpoint())
                .region(settings.region())
                .credentials(settings.accessKey(), settings.secretKey())
                .httpClient(http)
                .build();
        MinioAsyncClient parts = MinioAsyncClient.builder()
                .endpoint(settings.endpoint())
                .region(settings.region())
                .credentials(settings.accessKey(), settings.secretKey())
                .httpClient(http)
                .build();
        return new ArtifactStore(settings, http, client, new Upload(client, parts, settings), noSpace -> {
            throw noSpace;
        });
    }

    /** This store over the same connections, asking what to do when it, or the disk of local copies, is full. */
    public ArtifactStore whenFull(WhenFull decision) {
        return new ArtifactStore(settings, http, client, upload, decision);
    }

    /** Creates the object unless it exists; see the class. */
    public ArtifactRef put(String key, byte[] content, String contentType) {
        ArtifactRef ref = new ArtifactRef(key, Digests.sha256(content), content.length);
        return patiently(() -> create(
                ref,
                () -> upload.whole(key, new ByteArrayInputStream(content), ref.bytes(), ref.sha256(), contentType)));
    }

    /** As for bytes; the file is read twice, in parts of 16 MiB, and must not change meanwhile. */
    public ArtifactRef put(String key, Path file, String contentType) {
        ArtifactRef ref = call("reading " + file, () -> new ArtifactRef(key, Digests.sha256(file), Files.size(file)));
        return patiently(() -> create(ref, () -> upload.file(key, file, ref.bytes(), ref.sha256(), contentType)));
    }

    private interface Write {
        void run() throws Exception;
    }

    private ArtifactRef create(ArtifactRef ref, Write write) {
        try {
            write.run();
            return ref;
        } catch (Exception e) {
            if (!StoreErrors.alreadyThere(e)) {
                throw StoreErrors.translate(settings, "writing " + ref.key(), e);
            }
        }
        ArtifactRef present = stat(ref.key())
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The store %s refused to create %s because it exists, and then did not have it. Another writer may be at work; try again."
                                .formatted(settings, ref.key())));
        if (!present.equals(ref)) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "The object %s exists already with other content: digest %s (%d bytes) instead of %s (%d bytes). Objects are never replaced; use another key."
                            .formatted(ref.key(), present.sha256(), present.bytes(), ref.sha256(), ref.bytes()));
        }
        return present;
    }

    /** The whole content, verified. Throws {@link ErrorCode#NOT_FOUND} or {@link ErrorCode#DIGEST_MISMATCH}. */
    public byte[] get(ArtifactRef ref) {
        return call("reading " + ref.key(), () -> {
            try (InputStream in = open(ref)) {
                return in.readAllBytes();
            }
        });
    }

    /**
     * The content as a stream that throws {@link ErrorCode#DIGEST_MISMATCH} at its end, so read it to the end before
     * acting on it.
     */
    public InputStream open(ArtifactRef ref) {
        return new VerifyingInputStream(raw(ref.key()), ref, settings);
    }

    private InputStream raw(String key) {
        return call(
                "reading " + key,
                () -> client.getObject(GetObjectArgs.builder()
                        .bucket(settings.bucket())
                        .object(key)
                        .build()));
    }

    /**
     * The content as a file of the cache, named by its digest; fetched and verified unless it is there. Several
     * processes may share the folder.
     */
    public Path fetch(ArtifactRef ref, Path cacheDir) {
        Path cached = cacheDir.resolve(ref.sha256());
        Path partial = cacheDir.resolve(ref.sha256() + "." + UUID.randomUUID() + ".part");
        return patiently(() -> call("fetching " + ref.key(), () -> {
            // A machine that lost power may have left a name without all of its content.
            if (Files.exists(cached) && Files.size(cached) == ref.bytes()) {
                return cached;
            }
            Files.createDirectories(cacheDir);
            try (InputStream in = open(ref)) {
                Files.copy(in, partial);
                return Files.move(partial, cached, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        }));
    }

    /** The reference to what is there now, or nothing. Reads the object if it was written without its digest. */
    public Optional<ArtifactRef> stat(String key) {
        StatObjectResponse stat;
        try {
            stat = client.statObject(StatObjectArgs.builder()
                    .bucket(settings.bucket())
                    .object(key)
                    .build());
        } catch (Exception e) {
            if (StoreErrors.missing(e)) {
                return Optional.empty();
            }
            throw StoreErrors.translate(settings, "looking for " + key, e);
        }
        @Nullable String recorded = stat.userMetadata().get(Upload.SHA256);
        String sha256 = recorded != null
                ? recorded
                : call("reading " + key, () -> {
                    try (InputStream in = raw(key)) {
                        return Digests.sha256(in);
                    }
                });
        return Optional.of(new ArtifactRef(key, sha256, stat.size()));
    }

    /** All keys that begin with the prefix, in the order of the store (lexicographic). */
    public List<String> list(String prefix) {
        return call("listing " + prefix, () -> {
            List<String> keys = new ArrayList<>();
            for (Result<Item> item : client.listObjects(ListObjectsArgs.builder()
                    .bucket(settings.bucket())
                    .prefix(prefix)
                    .recursive(true)
                    .build())) {
                keys.add(item.get().objectName());
            }
            return keys;
        });
    }

    /**
     * Deletes every object whose key begins with the prefix, as {@link #list} gives them; a second call deletes what came meanwhile. This is
     * for erasing an audit as a whole: nothing that a message still names may be deleted.
     *
     * @return how many were there
     */
    public int delete(String prefix) {
        List<String> keys = list(prefix);
        delete(keys);
        return keys.size();
    }

    /** Deletes these objects; one that is not there is deleted already. */
    public void delete(List<String> keys) {
        call("deleting", () -> {
            for (Result<DeleteError> refused : client.removeObjects(RemoveObjectsArgs.builder()
                    .bucket(settings.bucket())
                    .objects(keys.stream().map(DeleteObject::new).toList())
                    .build())) {
                DeleteError error = refused.get();
                throw new PalimpsestException(
                        ErrorCode.STORE_UNAVAILABLE,
                        "The store %s did not delete %s: %s, %s; the call may be repeated"
                                .formatted(settings, error.objectName(), error.code(), error.message()));
            }
            return keys;
        });
    }

    /** Whether the store answers, accepts the credentials and has the bucket. Never throws because it does not. */
    public boolean ready() {
        try {
            return bucketExists();
        } catch (PalimpsestException e) {
            return false;
        }
    }

    /** Creates the bucket if it is missing; several callers may do so at once. */
    public void ensureBucket() {
        if (bucketExists()) {
            return;
        }
        try {
            client.makeBucket(MakeBucketArgs.builder().bucket(settings.bucket()).build());
        } catch (Exception e) {
            if (!StoreErrors.alreadyThere(e)) {
                throw StoreErrors.translate(settings, "creating the bucket", e);
            }
        }
    }

    private boolean bucketExists() {
        return call(
                "looking for the bucket",
                () -> client.bucketExists(
                        BucketExistsArgs.builder().bucket(settings.bucket()).build()));
    }

    private <T> T patiently(Supplier<T> write) {
        while (true) {
            try {
                return write.get();
            } catch (PalimpsestException e) {
                if (e.code() != ErrorCode.NO_SPACE) {
                    throw e;
                }
                whenFull.full(e);
            }
        }
    }

    private <T> T call(String what, Callable<T> call) {
        return StoreErrors.translating(settings, what, call);
    }

    /** Ends idle connections. */
    @Override
    public void close() {
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    @Override
    public String toString() {
        return "artifact store " + settings;
    }
}
