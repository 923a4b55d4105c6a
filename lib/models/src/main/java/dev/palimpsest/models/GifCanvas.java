package dev.palimpsest.models;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The screen that the first frame of a GIF is painted on: at least as large as the frame, and where the frame leaves it free, in the colour of
 * the frame's transparent index or else of the background.
 *
 * @param left where the frame starts
 * @param fill index into the frame's colours
 */
record GifCanvas(int width, int height, int left, int top, int fill) {

    static GifCanvas of(ImageReader reader) throws IOException {
        Element stream = tree(reader.getStreamMetadata(), "javax_imageio_gif_stream_1.0");
        Element image = tree(reader.getImageMetadata(0), "javax_imageio_gif_image_1.0");
        Element screen = child(stream, "LogicalScreenDescriptor");
        Element frame = child(image, "ImageDescriptor");
        int left = number(frame, "imageLeftPosition");
        int top = number(frame, "imageTopPosition");
        Element control = child(image, "GraphicControlExtension");
        boolean transparent =
                control != null && control.getAttribute("transparentColorFlag").equalsIgnoreCase("true");
        return new GifCanvas(
                Math.max(number(screen, "logicalScreenWidth"), left + reader.getWidth(0)),
                Math.max(number(screen, "logicalScreenHeight"), top + reader.getHeight(0)),
                left,
                top,
                transparent
                        ? number(control, "transparentColorIndex")
                        : number(child(stream, "GlobalColorTable"), "backgroundColorIndex"));
    }

    /** The screen with the frame on it. */
    RgbPixels paint(BufferedImage image) {
        RgbPixels frame = RgbPixels.of(image);
        if (frame.width() == width && frame.height() == height) {
            return frame;
        }
        int colour = image.getColorModel() instanceof IndexColorModel colours && fill < colours.getMapSize()
                ? colours.getRGB(fill)
                : 0;
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        for (int at = 0; at < samples.length; at += 3) {
            samples[at] = (byte) (colour >> 16);
            samples[at + 1] = (byte) (colour >> 8);
            samples[at + 2] = (byte) colour;
        }
        for (int y = 0; y < frame.height(); y++) {
            System.arraycopy(
                    frame.samples(), y * frame.width() * 3, samples, ((top + y) * width + left) * 3, frame.width() * 3);
        }
        return new RgbPixels(width, height, samples);
    }

    private static @Nullable Element tree(@Nullable IIOMetadata metadata, String format) {
        return metadata == null ? null : (Element) metadata.getAsTree(format);
    }

    private static @Nullable Element child(@Nullable Element parent, String name) {
        NodeList found = parent == null ? null : parent.getElementsByTagName(name);
        return found == null || found.getLength() == 0 ? null : (Element) found.item(0);
    }

    /** 0 where the file does not say. */
    private static int number(@Nullable Element element, String attribute) {
        String value = element == null ? "" : element.getAttribute(attribute);
        return value.isEmpty() ? 0 : Integer.parseInt(value);
    }
}
