package dev.palimpsest.gateway.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/** Makes small pictures for the page out of untrusted bytes: looks at the size before it decodes, and always encodes anew. */
public final class Thumbnail {
    private static final int SIDE = 256;
    private static final long MOST_PIXELS = 64_000_000;
    private static final int SMALL_JPEG_WORTH = 192;

    private Thumbnail() {}

    /**
     * A {@code data:} address of the picture with at most 256 pixels a side, PNG when the picture is small, else JPEG.
     *
     * @return null when the bytes are no picture that this Java decodes, or one of more than 64 megapixels
     */
    public static @Nullable String dataUri(byte[] bytes) {
        try {
            BufferedImage image = decode(bytes);
            if (image == null) {
                return null;
            }
            boolean png = Math.max(image.getWidth(), image.getHeight()) <= SMALL_JPEG_WORTH;
            byte[] small = encoded(scaled(image, SIDE), png ? "png" : "jpeg");
            return "data:image/" + (png ? "png" : "jpeg") + ";base64,"
                    + Base64.getEncoder().encodeToString(small);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * The picture as a PNG with at most so many pixels a side.
     *
     * @return null as {@link #dataUri}
     */
    public static byte @Nullable [] png(byte[] bytes, int side) {
        return small(bytes, side, "png");
    }

    /**
     * The picture as a JPEG with at most so many pixels a side: a tenth of the same as a PNG (5.3 KiB against 50.8 at 160 pixels, of the photographs of {@code examples}).
     *
     * @return null as {@link #dataUri}
     */
    public static byte @Nullable [] jpeg(byte[] bytes, int side) {
        return small(bytes, side, "jpeg");
    }

    private static byte @Nullable [] small(byte[] bytes, int side, String format) {
        try {
            BufferedImage image = decode(bytes);
            return image == null ? null : encoded(scaled(image, side), format);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * The middle of the picture as a square.
     *
     * @param side to which its short side is scaled; 0: as it is
     * @return null as {@link #dataUri}
     */
    public static @Nullable BufferedImage square(byte[] bytes, int side) {
        try {
            BufferedImage image = decode(bytes);
            if (image == null) {
                return null;
            }
            int shorter = Math.min(image.getWidth(), image.getHeight());
            int to = side == 0 ? shorter : side;
            int width = (int) Math.max(to, Math.round(image.getWidth() * (double) to / shorter));
            int height = (int) Math.max(to, Math.round(image.getHeight() * (double) to / shorter));
            return scaled(image, width, height).getSubimage((width - to) / 2, (height - to) / 2, to, to);
        } catch (IOException e) {
            return null;
        }
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, format, out);
        return out.toByteArray();
    }

    private static BufferedImage scaled(BufferedImage image, int side) {
        double scale = Math.min(1, side / (double) Math.max(image.getWidth(), image.getHeight()));
        return scaled(image, Math.max(1, (int) Math.round(image.getWidth() * scale)), Math.max(1, (int)
                Math.round(image.getHeight() * scale)));
    }

    private static @Nullable BufferedImage decode(byte[] bytes) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                return null;
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                return (long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS ? null : reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    /** Halves until near, then goes the rest: a single bilinear step over more than a factor of two skips pixels. */
    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage current = image;
        while (current.getWidth() >= 2 * width && current.getHeight() >= 2 * height) {
            current = drawn(current, current.getWidth() / 2, current.getHeight() / 2);
        }
        return drawn(current, width, height);
    }

    private static BufferedImage drawn(BufferedImage image, int width, int height) {
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = result.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return result;
    }
}
