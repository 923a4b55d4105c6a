package dev.palimpsest.models;

import java.awt.image.Raster;
import java.io.IOException;

/**
 * The stored components of a JPEG as RGB, with the integer arithmetic of the reference decoder.
 *
 * <p>Java's own conversion sends pictures with a colour profile through a colour engine, and four inks through a profile of its choice;
 * networks were trained on samples that went through neither.
 */
final class JpegSamples {
    private static final int HALF = 1 << 15;

    /** How three components are meant, or the first three of four. */
    private enum Meaning {
        RGB,
        LUMINANCE_CHROMINANCE
    }

    private JpegSamples() {}

    /**
     * Converts.
     *
     * @param raster one, three or four components a pixel as they are stored
     * @param file the whole file, whose markers say what the components mean
     */
    static RgbPixels rgb(Raster raster, byte[] file) throws IOException {
        int bands = raster.getNumBands();
        if (bands != 1 && bands != 3 && bands != 4) {
            throw new IOException(bands + " components; expected 1, 3 or 4");
        }
        int width = raster.getWidth();
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, raster.getHeight()), 3)];
        boolean convert = bands != 1 && meaning(file, bands) == Meaning.LUMINANCE_CHROMINANCE;
        int[] row = new int[width * bands];
        for (int y = 0, to = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int at = 0; at < row.length; at += bands, to += 3) {
                int first = row[at];
                int second = bands == 1 ? first : row[at + 1];
                int third = bands == 1 ? first : row[at + 2];
                if (convert) {
                    int luminance = first;
                    int blue = second - 128;
                    int red = third - 128;
                    first = clamp(luminance + ((91881 * red + HALF) >> 16));
                    second = clamp(luminance + ((-22554 * blue - 46802 * red + HALF) >> 16));
                    third = clamp(luminance + ((116130 * blue + HALF) >> 16));
                    if (bands == 4) {
                        // Inks are coded as the light that they take away.
                        first = 255 - first;
                        second = 255 - second;
                        third = 255 - third;
                    }
                }
                // Inks are stored inverted, so that what is not black ink is the brightest that a channel can be.
                int brightest = bands == 4 ? row[at + 3] : 255;
                samples[to] = (byte) dimmed(first, brightest);
                samples[to + 1] = (byte) dimmed(second, brightest);
                samples[to + 2] = (byte) dimmed(third, brightest);
            }
        }
        return new RgbPixels(width, raster.getHeight(), samples);
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** {@code brightest - (255 - value) brightest / 255}, the quotient rounded. */
    private static int dimmed(int value, int brightest) {
        if (brightest == 255) {
            return value;
        }
        int product = (255 - value) * brightest + 128;
        return clamp(brightest - ((product + (product >> 8)) >> 8));
    }

    /** By the Adobe marker if there is one, and by the JFIF marker or the components' names if there is none. */
    private static Meaning meaning(byte[] file, int bands) throws IOException {
        int adobe = -1;
        boolean jfif = false;
        int at = 2;
        while (at + 4 <= file.length) {
            if (file[at] != (byte) 0xff) {
                throw new IOException("a marker is missing");
            }
            int marker = file[at + 1] & 0xff;
            if (marker == 0xff) {
                at++;
                continue;
            }
            int length = (file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff;
            if (length < 2 || at + 2 + length > file.length) {
                throw new IOException("a marker is cut off");
            }
            if (marker == 0xe0 && starts(file, at + 4, "JFIF\0")) {
                jfif = true;
            } else if (marker == 0xee && length >= 14 && starts(file, at + 4, "Adobe")) {
                adobe = file[at + 15] & 0xff;
            } else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
                return meaning(bands, jfif, adobe, length >= 17 && named(file, at + 10));
            }
            at += 2 + length;
        }
        throw new IOException("it has no frame");
    }

    private static Meaning meaning(int bands, boolean jfif, int adobe, boolean namedRgb) {
        boolean plain;
        if (bands == 4) {
            plain = adobe <= 0;
        } else if (jfif) {
            plain = false;
        } else {
            plain = adobe == 0 || adobe < 0 && namedRgb;
        }
        return plain ? Meaning.RGB : Meaning.LUMINANCE_CHROMINANCE;
    }

    private static boolean named(byte[] file, int at) {
        return file[at] == 'R' && file[at + 3] == 'G' && file[at + 6] == 'B';
    }

    private static boolean starts(byte[] file, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= file.length || file[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
