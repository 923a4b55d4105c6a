package dev.palimpsest.models;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the first bytes of a file say that it is. */
enum ImageKind {
    PNG("a PNG image", "png", 0, "\u0089PNG\r\n\u001a\n"),
    JPEG("a JPEG image", "jpeg", 0, "\u00ff\u00d8\u00ff"),
    BMP("a BMP image", "bmp", 0, "BM"),
    GIF("a GIF image", "gif", 0, "GIF8"),
    WEBP("a WebP image", "webp", 8, "WEBP"),
    HEIF("a HEIF or AVIF image or an MP4 film", null, 4, "ftyp"),
    TIFF_LITTLE("a TIFF image", null, 0, "II*\0"),
    TIFF_BIG("a TIFF image", null, 0, "MM\0*"),
    ZIP("a ZIP archive", null, 0, "PK\u0003\u0004"),
    GZIP("a gzip archive", null, 0, "\u001f\u008b"),
    PDF("a PDF document", null, 0, "%PDF"),
    MARKUP("an HTML, XML or SVG text", null, 0, "<"),
    EMPTY("an empty file", null, 0, ""),
    UNKNOWN("a file of an unknown kind", null, 0, "");

    /** For messages, with its article. */
    final String label;

    /** The name of the {@code javax.imageio} reader, or null where there is none. */
    final @Nullable String reader;

    private final int offset;
    private final byte[] magic;

    ImageKind(String label, @Nullable String reader, int offset, String magic) {
        this.label = label;
        this.reader = reader;
        this.offset = offset;
        this.magic = magic.getBytes(StandardCharsets.ISO_8859_1);
    }

    static ImageKind of(byte[] bytes) {
        if (bytes.length == 0) {
            return EMPTY;
        }
        for (ImageKind kind : values()) {
            if (kind.magic.length > 0 && kind.matches(bytes)) {
                return kind;
            }
        }
        return UNKNOWN;
    }

    private boolean matches(byte[] bytes) {
        if (bytes.length < offset + magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (bytes[offset + i] != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
