package dev.palimpsest.artifacts;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Passes bytes on and compares size and digest with the reference when the end is reached; more bytes than promised are
 * an error at once. A connection that breaks is a retryable error of the store, not an {@link IOException}, so that no
 * parser takes it for a damaged file.
 */
final class VerifyingInputStream extends InputStream {
    private final InputStream in;
    private final ArtifactRef ref;
    private final StoreSettings settings;
    private final MessageDigest digest = Digests.newDigest();
    private long count;
    private boolean verified;

    VerifyingInputStream(InputStream in, ArtifactRef ref, StoreSettings settings) {
        this.in = in;
        this.ref = ref;
        this.settings = settings;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int n = StoreErrors.translating(settings, "reading " + ref.key(), () -> in.read(bytes, offset, length));
        if (n > 0) {
            digest.update(bytes, offset, n);
            count += n;
            if (count > ref.bytes()) {
                throw mismatch("more");
            }
        } else if (n < 0 && !verified) {
            verify();
        }
        return n;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void verify() {
        if (count != ref.bytes()) {
            throw mismatch(count + " bytes");
        }
        String found = Digests.hex(digest.digest());
        if (!found.equals(ref.sha256())) {
            throw mismatch("the digest " + found);
        }
        verified = true;
    }

    private PalimpsestException mismatch(String found) {
        return new PalimpsestException(
                ErrorCode.DIGEST_MISMATCH,
                "The object %s should have %d bytes and the digest %s, but has %s. It was damaged or replaced; remove it and run the stage that writes it again."
                        .formatted(ref.key(), ref.bytes(), ref.sha256(), found));
    }
}
