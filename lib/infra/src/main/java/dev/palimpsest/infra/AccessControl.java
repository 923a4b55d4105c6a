package dev.palimpsest.infra;

import dev.palimpsest.contracts.access.StoreAccess;
import java.io.InputStream;
import java.util.List;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.DeleteBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetBucketAclRequest;
import software.amazon.awssdk.services.s3.model.GetBucketAclResponse;
import software.amazon.awssdk.services.s3.model.GetBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.GetBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.GetObjectAclRequest;
import software.amazon.awssdk.services.s3.model.GetObjectAclResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.PutBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * One service's view of the store: objects as {@link StoreAccess} says, names of the bucket, and nothing else. AccessControlTest sees to
 * it that no operation is forgotten.
 */
final class AccessControl extends ForwardingBlobStore {
    private static final int FORBIDDEN = 403;

    /** Beside an upload in parts the library keeps a note under such a name, which nobody can ask for; the upload itself is looked at. */
    private static final String NOTE = ".s3proxy-mpu-stub-";

    private final String who;
    private final StoreAccess access;

    AccessControl(BlobStore store, String who, StoreAccess access) {
        super(store);
        this.who = who;
        this.access = access;
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
        require(access.mayRead(request.key()), "read", request.key());
        return super.getBlob(request);
    }

    /** Whether an object is there may be asked by who would create it. */
    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
        requireLook(request.key());
        return super.blobMetadata(request);
    }

    @Override
    public boolean blobExists(String bucket, String key) {
        requireLook(key);
        return super.blobExists(bucket, key);
    }

    private void requireLook(String key) {
        require(access.mayRead(key) || access.mayWrite(key), "look at", key);
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
        requireWrite(request.key());
        return super.putBlob(request, content);
    }

    @Override
    public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
        requireWrite(request.key());
        return super.initiateMultipartUpload(request);
    }

    @Override
    public UploadPartResponse uploadMultipartPart(
            MultipartUpload upload, UploadPartRequest request, InputStream content) {
        requireWrite(upload.blobName());
        return super.uploadMultipartPart(upload, request, content);
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload upload, CompleteMultipartUploadRequest request) {
        requireWrite(upload.blobName());
        return super.completeMultipartUpload(upload, request);
    }

    @Override
    public void abortMultipartUpload(MultipartUpload upload) {
        requireWrite(upload.blobName());
        super.abortMultipartUpload(upload);
    }

    @Override
    public List<Part> listMultipartUpload(MultipartUpload upload) {
        requireWrite(upload.blobName());
        return super.listMultipartUpload(upload);
    }

    private void requireWrite(String key) {
        require(access.mayWrite(key), "write", key);
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        require(access.mayDelete(request.key()), "delete", request.key());
        return super.removeBlob(request);
    }

    // What no service does.

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        throw denied("copy", request.sourceKey());
    }

    @Override
    public CreateBucketResponse createContainer(CreateBucketRequest request) {
        throw denied("create", request.bucket());
    }

    @Override
    public void clearContainer(ListObjectsV2Request request) {
        throw denied("clear", request.bucket());
    }

    @Override
    public void deleteContainer(String bucket) {
        throw denied("delete", bucket);
    }

    @Override
    public void deleteBucket(String bucket) {
        throw denied("delete", bucket);
    }

    @Override
    public BucketCannedACL getContainerAccess(String bucket) {
        throw denied("look at the access of", bucket);
    }

    @Override
    public GetBucketAclResponse getContainerAcl(GetBucketAclRequest request) {
        throw denied("look at the access of", request.bucket());
    }

    @Override
    public void setContainerAccess(String bucket, BucketCannedACL acl) {
        throw denied("open", bucket);
    }

    @Override
    public GetBucketVersioningResponse getBucketVersioning(GetBucketVersioningRequest request) {
        throw denied("look at the versions of", request.bucket());
    }

    @Override
    public PutBucketVersioningResponse putBucketVersioning(PutBucketVersioningRequest request) {
        throw denied("change the versions of", request.bucket());
    }

    @Override
    public ListObjectVersionsResponse listVersions(ListObjectVersionsRequest request) {
        throw denied("look at the versions of", request.bucket());
    }

    @Override
    public GetBucketEncryptionResponse getBucketEncryption(GetBucketEncryptionRequest request) {
        throw denied("look at the encryption of", request.bucket());
    }

    @Override
    public PutBucketEncryptionResponse putBucketEncryption(PutBucketEncryptionRequest request) {
        throw denied("change the encryption of", request.bucket());
    }

    @Override
    public DeleteBucketEncryptionResponse deleteBucketEncryption(DeleteBucketEncryptionRequest request) {
        throw denied("change the encryption of", request.bucket());
    }

    @Override
    public ObjectCannedACL getBlobAccess(String bucket, String key) {
        require(false, "look at the access of", key);
        return super.getBlobAccess(bucket, key);
    }

    @Override
    public ObjectCannedACL getBlobAccess(String bucket, String key, String version) {
        throw denied("look at the access of", key);
    }

    @Override
    public GetObjectAclResponse getBlobAcl(GetObjectAclRequest request) {
        throw denied("look at the access of", request.key());
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL acl) {
        throw denied("open", key);
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL acl, String version) {
        throw denied("open", key);
    }

    @Override
    public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(String bucket) {
        throw denied("look at the uploads of", bucket);
    }

    private void require(boolean allowed, String operation, String key) {
        if (!allowed && !key.startsWith(NOTE)) {
            throw denied(operation, key);
        }
    }

    private S3Exception denied(String operation, String key) {
        String message = "%s may not %s %s".formatted(who, operation, key);
        S3Exception.Builder denied = S3Exception.builder();
        denied.statusCode(FORBIDDEN)
                .message(message)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("AccessDenied")
                        .errorMessage(message)
                        .build());
        return (S3Exception) denied.build();
    }
}
