package dev.palimpsest.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.ErrorResponse;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreErrorsTest {
    private static final StoreSettings SETTINGS = StoreSettings.of("http://store:9000", "key", "hush-hush", "bucket");

    private static ErrorResponseException response(String code, int status) {
        Response response = new Response.Builder()
                .request(new Request.Builder().url("http://store:9000/bucket/a").build())
                .protocol(Protocol.HTTP_1_1)
                .code(status)
                .message("")
                .build();
        return new ErrorResponseException(
                new ErrorResponse(code, "said the store", "bucket", "a", "/bucket/a", "1", "2"), response, "");
    }

    @ParameterizedTest
    @CsvSource({
        "NoSuchKey, 404, NOT_FOUND",
        "NoSuchBucket, 404, NOT_FOUND",
        "SignatureDoesNotMatch, 403, USAGE",
        "AccessDenied, 403, USAGE",
        "XMinioStorageFull, 507, NO_SPACE",
        "StorageFull, 507, NO_SPACE",
        "XMinioAdminBucketQuotaExceeded, 400, NO_SPACE",
        "SlowDown, 503, STORE_UNAVAILABLE",
        "InternalError, 500, STORE_UNAVAILABLE",
        "TooManyRequests, 429, STORE_UNAVAILABLE",
        "InvalidArgument, 400, INTERNAL"
    })
    void everyAnswerHasACode(String code, int status, ErrorCode expected) {
        PalimpsestException e = StoreErrors.translate(SETTINGS, "writing a", response(code, status));

        assertThat(e.code()).isEqualTo(expected);
        assertThat(e).hasMessageContaining("http://store:9000").hasMessageNotContaining("hush-hush");
    }

    @Test
    void aFullDiskIsNotRetried() {
        PalimpsestException e = StoreErrors.translate(
                SETTINGS, "fetching a", new ExecutionException(new IOException("No space left on device")));

        assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE);
        assertThat(e.retryable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"PreconditionFailed, 412, true", "ConditionalRequestConflict, 409, true", "NoSuchKey, 404, false"})
    void presenceIsToldByTheStatus(String code, int status, boolean present) {
        assertThat(StoreErrors.alreadyThere(new ExecutionException(response(code, status))))
                .isEqualTo(present);
    }
}
