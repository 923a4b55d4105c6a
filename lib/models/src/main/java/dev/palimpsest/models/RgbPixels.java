package dev.palimpsest.models;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Eight-bit RGB samples without a colour model around them.
 *
 * @param width columns
 * @param height rows
 * @param samples {@code [height, width, 3]}, unsigned
 */
@SuppressWarnings("ArrayRecordComponent") // a buffer between two steps, compared by nobody
record RgbPixels(int width, int height, byte[] samples) {

    /**
     * The stored samples of an image: alpha is dropped, not composited; a grey sample goes to all three channels as it is.
     *
     * <p>{@link BufferedImage#getRGB} would send grey through a linear-to-sRGB curve (off by up to 73 levels), so the raster is read.
     */
    static RgbPixels of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        ColorModel colours = image.getColorModel();
        int space = colours.getColorSpace().getType();
        boolean grey = space == ColorSpace.TYPE_GRAY;
        if (!(colours instanceof IndexColorModel) && (grey || space == ColorSpace.TYPE_RGB)) {
            copyRaster(image.getRaster(), colours, grey, samples);
        } else {
            int[] row = new int[width];
            for (int y = 0, to = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    samples[to++] = (byte) (row[x] >> 16);
                    samples[to++] = (byte) (row[x] >> 8);
                    samples[to++] = (byte) row[x];
                }
            }
        }
        return new RgbPixels(width, height, samples);
    }

    private static void copyRaster(Raster raster, ColorModel colours, boolean grey, byte[] samples) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        // The reference cuts such samples off at 255, however dark all of the picture is.
        boolean cutOff = grey && bands == 1 && colours.getComponentSize(0) == 16;
        int[] row = new int[width * bands];
        for (int y = 0, to = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    int band = grey ? 0 : channel;
                    int sample = row[x * bands + band];
                    samples[to++] =
                            (byte) (cutOff ? Math.min(sample, 255) : eightBits(sample, colours.getComponentSize(band)));
                }
            }
        }
    }

    private static int eightBits(int sample, int bits) {
        if (bits == 8) {
            return sample;
        }
        return bits > 8 ? sample >> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }

    /** As an image of {@link BufferedImage#TYPE_INT_RGB}. */
    BufferedImage toImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0, from = 0; y < height; y++) {
            for (int x = 0; x < width; x++, from += 3) {
                row[x] = (samples[from] & 0xff) << 16 | (samples[from + 1] & 0xff) << 8 | samples[from + 2] & 0xff;
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        return image;
    }

    /** The middle {@code side x side} square, rounded towards the top left. */
    RgbPixels centreCrop(int side) {
        int top = (height - side) / 2;
        int left = (width - side) / 2;
        byte[] cropped = new byte[side * side * 3];
        for (int y = 0; y < side; y++) {
            System.arraycopy(samples, ((top + y) * width + left) * 3, cropped, y * side * 3, side * 3);
        }
        return new RgbPixels(side, side, cropped);
    }
}
