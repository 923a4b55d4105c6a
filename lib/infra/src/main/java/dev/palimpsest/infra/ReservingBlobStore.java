package dev.palimpsest.infra;

import dev.palimpsest.contracts.NoSpace;
import java.io.InputStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Writes nothing into the last bytes of a disk, and says so with 507 and a code of its own instead of a bare 500. The broker shares
 * the disk and does not survive a write that fails, whereas whoever stores an object can wait: so the objects stop first.
 */
final class ReservingBlobStore extends ForwardingBlobStore {
    private static final int INSUFFICIENT_STORAGE = 507;

    private final String where;
    private final LongSupplier free;
    private final long reserve;

    /**
     * @param where names the disk in the message
     * @param free bytes that are left there
     * @param reserve bytes that are not for objects
     */
    ReservingBlobStore(BlobStore delegate, String where, LongSupplier free, long reserve) {
        super(delegate);
        this.where = where;
        this.free = free;
        this.reserve = reserve;
    }

    @Override
    public CreateBucketResponse createContainer(CreateBucketRequest request) {
        return writing(() -> super.createContainer(request));
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
        return writing(() -> super.putBlob(request, content));
    }

    @Override
    public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
        return writing(() -> super.initiateMultipartUpload(request));
    }

    @Override
    public UploadPartResponse uploadMultipartPart(
            MultipartUpload upload, UploadPartRequest request, InputStream content) {
        return writing(() -> super.uploadMultipartPart(upload, request, content));
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload upload, CompleteMultipartUploadRequest request) {
        return writing(() -> super.completeMultipartUpload(upload, request));
    }

    private <T> T writing(Supplier<T> write) {
        if (free.getAsLong() < reserve) {
            throw full(null);
        }
        try {
            return write.get();
        } catch (RuntimeException e) {
            throw NoSpace.isIn(e) ? full(e) : e;
        }
    }

    private S3Exception full(@Nullable RuntimeException cause) {
        String message = "%d MiB are free in %s; the last %d MiB are kept for the broker"
                .formatted(free.getAsLong() >> 20, where, reserve >> 20);
        S3Exception.Builder full = S3Exception.builder();
        full.statusCode(INSUFFICIENT_STORAGE)
                .message(message)
                .cause(cause)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("StorageFull")
                        .errorMessage(message)
                        .build());
        return (S3Exception) full.build();
    }
}
