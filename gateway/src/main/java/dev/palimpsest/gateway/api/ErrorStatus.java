package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;

/** The HTTP status of each code. */
public final class ErrorStatus {
    private ErrorStatus() {}

    public static int of(ErrorCode code) {
        return switch (code) {
            case USAGE, BAD_MESSAGE -> 400;
            case NOT_FOUND -> 404;
            case CONFLICT, IN_USE -> 409;
            case BAD_SPEC, BAD_DATA, BAD_FILE, BAD_IMAGE, SHAPE_MISMATCH, NOT_FINITE, NOT_ATTACKABLE, DIGEST_MISMATCH ->
                422;
            case BUSY -> 429;
            case STORE_UNAVAILABLE, BROKER_UNAVAILABLE -> 503;
            case NO_SPACE, NO_MEMORY -> 507;
            case INTERNAL -> 500;
        };
    }
}
