package dev.palimpsest.artifacts;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.InsufficientDataException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What the S3 client throws, in the words of this project. */
final class StoreErrors {
    private static final Set<String> BAD_CREDENTIALS =
            Set.of("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "InvalidTokenId", "ExpiredToken");
    private static final Set<String> MISSING = Set.of("NoSuchKey", "NoSuchObject", "ResourceNotFound");
    private static final Set<String> FULL =
            Set.of("XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "EntityTooLarge");

    private StoreErrors() {}

    /** Calls, and translates whatever it throws; our own exceptions pass. */
    static <T> T translating(StoreSettings settings, String what, Callable<T> call) {
        try {
            return call.call();
        } catch (PalimpsestException e) {
            throw e;
        } catch (Exception e) {
            throw translate(settings, what, e);
        }
    }

    /** Whether the store refused because the object is there (412), or somebody is creating it right now (409). */
    static boolean alreadyThere(Throwable thrown) {
        return unwrapped(thrown) instanceof ErrorResponseException e
                && (e.response().code() == 412 || e.response().code() == 409);
    }

    static boolean missing(Throwable thrown) {
        return unwrapped(thrown) instanceof ErrorResponseException e
                && (MISSING.contains(e.errorResponse().code())
                        || e.response().code() == 404
                                && !"NoSuchBucket".equals(e.errorResponse().code()));
    }

    static PalimpsestException translate(StoreSettings settings, String what, Throwable thrown) {
        Throwable e = unwrapped(thrown);
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return unavailable(settings, what, "interrupted", e);
        }
        if (e instanceof ErrorResponseException response) {
            return ofResponse(settings, what, response);
        }
        if (e instanceof IOException || e instanceof InsufficientDataException || e instanceof MinioException) {
            return NoSpace.isIn(e)
                    ? new PalimpsestException(ErrorCode.NO_SPACE, "No space is left for %s: %s".formatted(what, e), e)
                    : unavailable(settings, what, e.toString(), e);
        }
        if (e instanceof GeneralSecurityException) {
            return new PalimpsestException(ErrorCode.USAGE, refusal(settings, what, e.toString()), e);
        }
        return new PalimpsestException(
                ErrorCode.INTERNAL, "Unexpected failure of %s at %s: %s".formatted(what, settings, e), e);
    }

    private static PalimpsestException ofResponse(StoreSettings settings, String what, ErrorResponseException e) {
        String code = String.valueOf(e.errorResponse().code());
        int status = e.response().code();
        if (missing(e)) {
            return new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "There is no such object in the store: %s at %s.".formatted(what, settings),
                    e);
        }
        if (code.equals("NoSuchBucket")) {
            return new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "The store %s has no bucket '%s'. Create it, or correct the name."
                            .formatted(settings.endpoint(), settings.bucket()),
                    e);
        }
        if (BAD_CREDENTIALS.contains(code) || status == 401 || status == 403) {
            return new PalimpsestException(ErrorCode.USAGE, refusal(settings, what, code), e);
        }
        if (FULL.contains(code) || status == 507 || NoSpace.isIn(e)) {
            return new PalimpsestException(
                    ErrorCode.NO_SPACE,
                    "No space is left for %s in the store %s (%s: %s). Free some; nothing stored is lost."
                            .formatted(what, settings, code, e.errorResponse().message()),
                    e);
        }
        if (status >= 500 || status == 429) {
            return unavailable(settings, what, code + ", HTTP " + status, e);
        }
        return new PalimpsestException(
                ErrorCode.INTERNAL,
                "The store %s refused %s: %s, HTTP %d, %s"
                        .formatted(
                                settings, what, code, status, e.errorResponse().message()),
                e);
    }

    private static String refusal(StoreSettings settings, String what, String code) {
        return "The store %s does not allow %s with the access key that is configured (%s). Check access key, secret key and the policy of that key."
                .formatted(settings, what, code);
    }

    private static PalimpsestException unavailable(StoreSettings settings, String what, String why, Throwable e) {
        return new PalimpsestException(
                ErrorCode.STORE_UNAVAILABLE,
                "The store %s does not answer for %s: %s. Check that it runs and can be reached; the call may be repeated."
                        .formatted(settings, what, why),
                e);
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable e = thrown;
        while ((e instanceof CompletionException || e instanceof ExecutionException) && e.getCause() != null) {
            e = e.getCause();
        }
        return e;
    }
}
