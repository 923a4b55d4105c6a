package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.access.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/**
 * An S3 endpoint over a folder: s3proxy with its file system store. Creating an object only if it is absent
 * ({@code If-None-Match: *}) is atomic, which is all that this system asks of a store; {@code If-Match} is not. A key
 * cannot be a prefix of another ({@code a} and {@code a/b}).
 */
public final class EmbeddedStore implements AutoCloseable {
    // A signed request that is not chunked is held in memory until its signature is checked; parts are 16 MiB.
    private static final long MAX_UNCHUNKED_REQUEST = 32L << 20;
    private static final int THREADS = 20;
    private static final long STOP_TIMEOUT_MILLIS = 2_000;

    /** What is left on the disk for the broker, whose log of a whole audit has 3 MiB, and for log files: no object goes there. */
    public static final long RESERVE = 64L << 20;

    private final S3Proxy proxy;

    private EmbeddedStore(S3Proxy proxy) {
        this.proxy = proxy;
    }

    /**
     * Starts on that port of the loopback interface, 0 for any. What the folder holds from before is there again. An object that
     * would go into the last {@link #RESERVE} bytes of the disk is refused with 507.
     *
     * @throws PalimpsestException {@link ErrorCode#IN_USE} if the port is taken; {@link ErrorCode#NO_SPACE} if the folder can't be made
     */
    public static EmbeddedStore start(Path folder, int port, String accessKey, String secretKey) {
        return start(folder, port, accessKey, secretKey, Map.of());
    }

    /** As above, also for services, which may do what {@link Service#store} says and no more; their access keys are their ids. */
    static EmbeddedStore start(
            Path folder, int port, String accessKey, String secretKey, Map<Service, String> secrets) {
        return start(folder, port, accessKey, secretKey, () -> free(folder), secrets);
    }

    /** As above, on a disk of which the caller tells how many bytes are free: tests fill and empty it. */
    public static EmbeddedStore start(Path folder, int port, String accessKey, String secretKey, LongSupplier free) {
        return start(folder, port, accessKey, secretKey, free, Map.of());
    }

    /**
     * As above, also for services, which may do what {@link Service#store} says and no more; their access keys are their ids.
     *
     * @param secrets the services' secret keys; a service without one is a stranger
     */
    public static EmbeddedStore start(
            Path folder,
            int port,
            String accessKey,
            String secretKey,
            LongSupplier free,
            Map<Service, String> secrets) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "The folder %s of the store cannot be created: %s".formatted(folder, e), e);
        }
        BlobStore blobs = new ReservingBlobStore(
                new FilesystemNio2BlobStore(folder.toAbsolutePath().toString()),
                folder.toAbsolutePath().toString(),
                free,
                RESERVE);
        S3Proxy proxy = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey)
                .v4MaxNonChunkedRequestSize(MAX_UNCHUNKED_REQUEST)
                .jettyMaxThreads(THREADS)
                .ignoreUnknownHeaders(true)
                .stopTimeout(STOP_TIMEOUT_MILLIS)
                .build();
        Map<String, AccessGrant> grants = new HashMap<>();
        grants.put(accessKey, new AccessGrant(secretKey, blobs));
        secrets.forEach((service, secret) -> grants.put(
                service.id(), new AccessGrant(secret, new AccessControl(blobs, service.id(), service.store()))));
        proxy.setBlobStoreLocator((identity, bucket, key) -> grants.get(identity));
        try {
            proxy.start();
        } catch (Exception e) {
            throw new PalimpsestException(
                    ErrorCode.IN_USE,
                    "The store cannot listen on 127.0.0.1:%d: %s. Stop what uses the port, or choose another one."
                            .formatted(port, e),
                    e);
        }
        return new EmbeddedStore(proxy);
    }

    private static long free(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("The free space of " + folder + " cannot be told", e);
        }
    }

    public int port() {
        return proxy.getPort();
    }

    /** Where S3 clients connect to. */
    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "The store did not stop cleanly: " + e, e);
        }
    }
}
