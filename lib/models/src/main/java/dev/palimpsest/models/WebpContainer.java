package dev.palimpsest.models;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a WebP file says of itself, read before its bytes go to the native decoder: one still picture, whole, of one size wherever the size
 * is told. RFC 9649.
 *
 * @param width columns, 1 to 16384
 * @param height rows
 */
record WebpContainer(int width, int height) {
    private static final int FILE_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int ANIMATED = 2;
    private static final int LOSSLESS_MARK = 0x2f;
    private static final int FOURTEEN_BITS = 0x3fff;

    /** @throws IOException with what is wrong, to stand in parentheses */
    static WebpContainer of(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < FILE_HEADER + CHUNK_HEADER || !name(bytes, 0).equals("RIFF")) {
            throw new IOException("it ends in its header");
        }
        long claimed = CHUNK_HEADER + Integer.toUnsignedLong(bytes.getInt(4));
        if (claimed > file.length) {
            throw new IOException("truncated: it claims " + claimed + " bytes and has " + file.length);
        }
        @Nullable WebpContainer canvas = null;
        for (long at = FILE_HEADER; at + CHUNK_HEADER <= claimed; ) {
            int chunk = (int) at;
            long size = Integer.toUnsignedLong(bytes.getInt(chunk + 4));
            if (at + CHUNK_HEADER + size > claimed) {
                throw new IOException("truncated: its part " + name(bytes, chunk) + " claims " + size + " bytes");
            }
            ByteBuffer payload = bytes.slice(chunk + CHUNK_HEADER, (int) size).order(ByteOrder.LITTLE_ENDIAN);
            switch (name(bytes, chunk)) {
                case "VP8X" -> canvas = canvas(payload);
                case "VP8 " -> {
                    return agreeing(canvas, lossy(payload));
                }
                case "VP8L" -> {
                    return agreeing(canvas, lossless(payload));
                }
                default -> {
                    // Profiles, alpha and remarks; none of them has a size in pixels.
                }
            }
            at += CHUNK_HEADER + size + size % 2;
        }
        throw new IOException("it holds no picture");
    }

    private static WebpContainer canvas(ByteBuffer payload) throws IOException {
        require(payload, 10);
        if ((payload.get(0) & ANIMATED) != 0) {
            throw new IOException("it is animated; save its first picture by itself");
        }
        return new WebpContainer(1 + threeBytes(payload, 4), 1 + threeBytes(payload, 7));
    }

    private static WebpContainer lossy(ByteBuffer payload) throws IOException {
        require(payload, 10);
        boolean keyFrame = (payload.get(0) & 1) == 0;
        if (!keyFrame || threeBytes(payload, 3) != 0x2a019d) {
            throw new IOException("its picture has no start");
        }
        return new WebpContainer(payload.getShort(6) & FOURTEEN_BITS, payload.getShort(8) & FOURTEEN_BITS);
    }

    private static WebpContainer lossless(ByteBuffer payload) throws IOException {
        require(payload, 5);
        if (payload.get(0) != LOSSLESS_MARK) {
            throw new IOException("its picture has no start");
        }
        int sizes = payload.getInt(1);
        return new WebpContainer(1 + (sizes & FOURTEEN_BITS), 1 + (sizes >>> 14 & FOURTEEN_BITS));
    }

    private static WebpContainer agreeing(@Nullable WebpContainer canvas, WebpContainer picture) throws IOException {
        if (picture.width == 0 || picture.height == 0) {
            throw new IOException("its picture has no pixels");
        }
        if (canvas != null && !canvas.equals(picture)) {
            throw new IOException("it claims " + canvas.width + " x " + canvas.height + " pixels, its picture has "
                    + picture.width + " x " + picture.height);
        }
        return picture;
    }

    private static void require(ByteBuffer payload, int bytes) throws IOException {
        if (payload.limit() < bytes) {
            throw new IOException("a part of its header is too short");
        }
    }

    private static int threeBytes(ByteBuffer bytes, int at) {
        return bytes.get(at) & 0xff | (bytes.get(at + 1) & 0xff) << 8 | (bytes.get(at + 2) & 0xff) << 16;
    }

    private static String name(ByteBuffer bytes, int at) {
        byte[] name = new byte[4];
        bytes.get(at, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
