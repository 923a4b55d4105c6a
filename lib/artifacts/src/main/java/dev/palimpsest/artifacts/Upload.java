package dev.palimpsest.artifacts;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Multimap;
import io.minio.MinioAsyncClient;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.messages.Part;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes one object if and only if its key is free. Large files go in parts; there the condition has to be on the last
 * request, which the client's own multipart upload does not do.
 */
final class Upload {
    /** Files above this size go in parts of this size. */
    static final int PART_BYTES = 16 << 20;

    static final String SHA256 = "sha256";

    private static final String IF_NONE_MATCH = "If-None-Match";

    private final MinioClient client;
    private final MinioAsyncClient parts;
    private final StoreSettings settings;

    Upload(MinioClient client, MinioAsyncClient parts, StoreSettings settings) {
        this.client = client;
        this.parts = parts;
        this.settings = settings;
    }

    void whole(String key, InputStream content, long bytes, String sha256, String contentType) throws Exception {
        client.putObject(PutObjectArgs.builder().bucket(settings.bucket()).object(key).stream(content, bytes, -1)
                .contentType(contentType)
                .userMetadata(Map.of(SHA256, sha256))
                .extraHeaders(Map.of(IF_NONE_MATCH, "*"))
                .build());
    }

    void file(String key, Path file, long bytes, String sha256, String contentType) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            if (bytes <= PART_BYTES) {
                whole(key, in, bytes, sha256, contentType);
            } else {
                inParts(key, in, sha256, contentType);
            }
        }
    }

    private void inParts(String key, InputStream in, String sha256, String contentType) throws Exception {
        Multimap<String, String> headers =
                ImmutableListMultimap.of("Content-Type", contentType, "x-amz-meta-" + SHA256, sha256);
        String id = parts.createMultipartUploadAsync(settings.bucket(), settings.region(), key, headers, null)
                .get()
                .result()
                .uploadId();
        try {
            List<Part> done = new ArrayList<>();
            byte[] part = in.readNBytes(PART_BYTES);
            while (part.length > 0) {
                done.add(part(key, id, done.size() + 1, part));
                part = in.readNBytes(PART_BYTES);
            }
            parts.completeMultipartUploadAsync(
                            settings.bucket(),
                            settings.region(),
                            key,
                            id,
                            done.toArray(Part[]::new),
                            ImmutableListMultimap.of(IF_NONE_MATCH, "*"),
                            null)
                    .get();
        } catch (Exception e) {
            abort(key, id, e);
            throw e;
        }
    }

    private Part part(String key, String id, int number, byte[] content) throws Exception {
        String etag = parts.uploadPartAsync(
                        settings.bucket(),
                        settings.region(),
                        key,
                        new ByteArrayInputStream(content),
                        content.length,
                        id,
                        number,
                        null,
                        null)
                .get()
                .etag();
        return new Part(number, etag);
    }

    // Parts that nobody completes would take space for ever.
    private void abort(String key, String id, Exception reason) {
        try {
            parts.abortMultipartUploadAsync(settings.bucket(), settings.region(), key, id, null, null)
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reason.addSuppressed(e);
        } catch (Exception e) {
            reason.addSuppressed(e);
        }
    }
}
