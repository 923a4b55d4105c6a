package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A browser's leave to look, kept in a cookie: when it ends, and a mark that only those who know the token can make. Nothing is kept in the
 * gateway, so every replica takes it; another token ends all of them.
 */
final class Session {
    static final String COOKIE = "palimpsest";
    static final Duration LIFE = Duration.ofHours(12);
    /** Of a cookie's value: browsers keep 4096 bytes, with its name and attributes. */
    static final int LONGEST = 3_800;

    private Session() {}

    static String issue(byte[] token, Instant now) {
        String end = Long.toString(now.plus(LIFE).getEpochSecond());
        return end + "." + mark(token, end);
    }

    static boolean isValid(String cookie, byte[] token, Instant now) {
        int dot = cookie.indexOf('.');
        if (dot < 1 || dot > 12 || !cookie.substring(0, dot).chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        String end = cookie.substring(0, dot);
        return MessageDigest.isEqual(
                        mark(token, end).getBytes(StandardCharsets.US_ASCII),
                        cookie.substring(dot + 1).getBytes(StandardCharsets.UTF_8))
                && now.getEpochSecond() < Long.parseLong(end);
    }

    private static String mark(byte[] token, String end) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token, "HmacSHA256"));
            return HexFormat.of()
                    .formatHex(mac.doFinal(("console session until " + end).getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "This Java has no HMAC-SHA256", e);
        }
    }
}
