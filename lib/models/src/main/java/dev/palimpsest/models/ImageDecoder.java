package dev.palimpsest.models;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Bytes of an image file to RGB samples. The first bytes decide what a file is, never its name, and its size is read before
 * a pixel is decoded, so that a small file cannot ask for gigabytes.
 *
 * <p>PNG, JPEG, BMP, still WebP and the first frame of GIF. The samples are those that the Python imaging library gives the
 * published processors: alpha is dropped, not composited; grey is copied to three channels as it is; colour profiles and the
 * orientation in EXIF are not applied; four inks become RGB without a profile; of 16 bits the upper 8 are taken, but 16-bit grey without
 * alpha is cut off at 255.
 */
public final class ImageDecoder {
    /** The largest file that is looked at, in bytes. */
    public static final int MAX_BYTES = 32 << 20;
    /** The largest picture that is decoded, in pixels. */
    public static final long MAX_PIXELS = 64_000_000;

    private ImageDecoder() {}

    /**
     * Decodes an image.
     *
     * @param bytes the whole file
     * @param name the file's name, for errors
     * @return an image of {@link BufferedImage#TYPE_INT_RGB}
     * @throws PalimpsestException {@code BAD_IMAGE}: not an image, truncated, damaged or too large
     */
    public static BufferedImage decode(byte[] bytes, String name) {
        return samples(bytes, name).toImage();
    }

    /** As {@link #decode}, without an image around the samples: of the largest picture that is 256 MB less. */
    static RgbPixels samples(byte[] bytes, String name) {
        if (bytes.length > MAX_BYTES) {
            throw bad(name, "the file has " + bytes.length + " bytes, more than " + MAX_BYTES + ". Save it smaller.");
        }
        ImageKind kind = ImageKind.of(bytes);
        String reader = kind.reader;
        if (reader == null) {
            throw bad(
                    name,
                    "this is " + kind.label + ", not a PNG, JPEG, WebP, BMP or GIF image. Convert it or leave it out.");
        }
        ImageReader imageReader = reader(reader);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            if (kind == ImageKind.WEBP) {
                WebpContainer claimed = WebpContainer.of(bytes);
                requireSize(name, claimed.width(), claimed.height());
            }
            imageReader.setInput(in, true, kind != ImageKind.GIF);
            return decode(imageReader, bytes, name, kind);
        } catch (IOException | RuntimeException e) {
            if (e instanceof PalimpsestException known) {
                throw known;
            }
            // Readers throw nearly anything at damaged input.
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new PalimpsestException(
                    ErrorCode.BAD_IMAGE,
                    name + ": " + kind.label + " is damaged, truncated or of an unusual kind (" + reason.strip()
                            + "). Export it again or leave it out.",
                    e);
        } finally {
            imageReader.dispose();
        }
    }

    private static ImageReader reader(String format) {
        if (format.equals("webp")) {
            // Not looked up as a plugin: that would depend on which class loader asks first.
            return new WebPImageReaderSpi().createReaderInstance(null);
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        if (!readers.hasNext()) {
            throw new PalimpsestException(
                    ErrorCode.INTERNAL,
                    "This Java has no reader for " + format + ": it needs the module java.desktop.");
        }
        return readers.next();
    }

    private static RgbPixels decode(ImageReader reader, byte[] bytes, String name, ImageKind kind) throws IOException {
        requireSize(name, reader.getWidth(0), reader.getHeight(0));
        AtomicReference<String> truncated = new AtomicReference<>();
        // The JPEG reader paints what is missing grey and only warns.
        reader.addIIOReadWarningListener((source, warning) -> {
            String text = warning.toLowerCase(Locale.ROOT);
            if (text.contains("premature") || text.contains("truncated")) {
                truncated.set(warning);
            }
        });
        if (kind == ImageKind.GIF) {
            GifCanvas canvas = GifCanvas.of(reader);
            requireSize(name, canvas.width(), canvas.height());
            return canvas.paint(reader.read(0));
        }
        RgbPixels pixels = kind == ImageKind.JPEG
                ? JpegSamples.rgb(reader.readRaster(0, null), bytes)
                : RgbPixels.of(read(reader));
        if (truncated.get() != null) {
            throw bad(
                    name,
                    kind.label + " is truncated (" + truncated.get() + "). Copy or export it again, or leave it out.");
        }
        return pixels;
    }

    private static BufferedImage read(ImageReader reader) throws IOException {
        try {
            return reader.read(0);
        } catch (OutOfMemoryError e) {
            // What the WebP reader makes of a code of the native decoder, which stands for damaged alpha, too. A heap
            // that
            // is full is an error with a message.
            if (e.getMessage() == null) {
                throw new IOException("it cannot be decoded", e);
            }
            throw e;
        }
    }

    private static void requireSize(String name, long width, long height) {
        if (width * height > MAX_PIXELS) {
            throw bad(name, width + " x " + height + " pixels are more than " + MAX_PIXELS + ". Save it smaller.");
        }
    }

    private static PalimpsestException bad(String name, String what) {
        return new PalimpsestException(ErrorCode.BAD_IMAGE, name + ": " + what);
    }
}
