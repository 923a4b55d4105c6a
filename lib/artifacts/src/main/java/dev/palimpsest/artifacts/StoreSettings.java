package dev.palimpsest.artifacts;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;

/**
 * How to reach a store.
 *
 * @param endpoint URL with scheme, such as {@code http://127.0.0.1:9000}
 * @param region of the signature; stores that are not in a cloud ignore it
 */
public record StoreSettings(String endpoint, String region, String accessKey, String secretKey, String bucket) {
    /** The region that stores outside clouds expect. */
    public static final String DEFAULT_REGION = "us-east-1";

    public StoreSettings {
        if (!endpoint.startsWith("http://") && !endpoint.startsWith("https://")) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "The endpoint of the store should begin with http:// or https://, but is '" + endpoint + "'.");
        }
        if (accessKey.isBlank() || secretKey.isBlank() || bucket.isBlank()) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "The store " + endpoint + " needs an access key, a secret key and a bucket.");
        }
    }

    /** In the {@link #DEFAULT_REGION}. */
    public static StoreSettings of(String endpoint, String accessKey, String secretKey, String bucket) {
        return new StoreSettings(endpoint, DEFAULT_REGION, accessKey, secretKey, bucket);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return endpoint + "/" + bucket;
    }
}
