package dev.palimpsest.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal digits. */
public final class Digests {
    private Digests() {}

    public static String sha256(byte[] content) {
        return hex(newDigest().digest(content));
    }

    /** Reads the file once. */
    public static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return sha256(in);
        }
    }

    static String sha256(InputStream in) throws IOException {
        DigestInputStream digesting = new DigestInputStream(in, newDigest());
        digesting.transferTo(OutputStream.nullOutputStream());
        return hex(digesting.getMessageDigest().digest());
    }

    /** A digest that is fed piece by piece; {@link #hex} writes what it comes to. */
    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
