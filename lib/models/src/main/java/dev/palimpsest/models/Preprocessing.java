package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The road from a picture to what a backbone expects: resize, centre crop, {@code (x rescale - mean) / std}.
 *
 * <p>{@link #pixelValues} reproduces the Python processors that published backbones were trained behind, bit for bit (see {@link
 * PilResize}); {@link #normalise} is its last step as a differentiable function, for pictures that an optimiser paints.
 */
public final class Preprocessing {
    private static final String FILE = "preprocessor_config.json";

    /** Side of the square that the network's own configuration asks for, and the short side before the crop; 0 keeps no aspect ratio. */
    private final int size;

    private final int shortestEdge;
    private final PilResize.Filter filter;
    private final double rescale;
    private final float[] mean;
    private final float[] std;

    Preprocessing(int size, int shortestEdge, PilResize.Filter filter, double rescale, float[] mean, float[] std) {
        this.size = size;
        this.shortestEdge = shortestEdge;
        this.filter = filter;
        this.rescale = rescale;
        this.mean = mean;
        this.std = std;
    }

    /**
     * Reads {@code preprocessor_config.json} of a Hugging Face folder, in its present and its older form. The image encoder of a pipeline has
     * it in the folder {@code feature_extractor} beside its own.
     *
     * @throws PalimpsestException {@code NOT_FOUND}, or {@code BAD_FILE} naming the field
     */
    public static Preprocessing read(Path folder) {
        Path beside = folder.toAbsolutePath().resolveSibling("feature_extractor");
        boolean pipeline = !Files.exists(folder.resolve(FILE)) && Files.exists(beside.resolve(FILE));
        ModelConfig config = ModelConfig.read(pipeline ? beside : folder, FILE);
        int code = config.has("resample") ? config.count("resample") : defaultFilter(config).code;
        PilResize.Filter filter = null;
        for (PilResize.Filter known : PilResize.Filter.values()) {
            filter = known.code == code ? known : filter;
        }
        if (filter == null) {
            throw config.bad("resample", "2 (bilinear) or 3 (bicubic)");
        }
        if (!config.flag("do_resize", true) || !config.flag("do_normalize", true)) {
            throw config.bad("do_resize and do_normalize", "both true");
        }
        double rescale = config.flag("do_rescale", true) ? config.number("rescale_factor", 1 / 255.0) : 1;
        int edge = shortestEdge(config);
        int size = edge == 0 ? side(config, "size") : edge;
        boolean crop = config.flag("do_center_crop", edge != 0 && config.has("crop_size"));
        if (crop) {
            size = side(config, "crop_size");
        } else if (edge != 0 && config.has("do_center_crop")) {
            throw config.bad("do_center_crop", "true, since the network takes squares and size keeps the aspect ratio");
        }
        if (edge != 0 && edge < size) {
            throw config.bad("crop_size", "no more than the shortest edge, " + edge);
        }
        return new Preprocessing(
                size, edge, filter, rescale, config.perChannel("image_mean"), config.perChannel("image_std"));
    }

    /** What the reference's processor of that name does when the file leaves it open. */
    private static PilResize.Filter defaultFilter(ModelConfig config) {
        String processor = config.text("image_processor_type", config.text("feature_extractor_type", ""));
        if (processor.startsWith("ViT")) {
            return PilResize.Filter.BILINEAR;
        }
        if (processor.startsWith("CLIP") || processor.startsWith("Bit") || processor.startsWith("Siglip")) {
            return PilResize.Filter.BICUBIC;
        }
        throw config.bad("resample", "2 (bilinear) or 3 (bicubic)");
    }

    private static int shortestEdge(ModelConfig config) {
        if (config.json().path("size").isObject()) {
            ModelConfig size = config.object("size");
            return size.has("shortest_edge") ? size.count("shortest_edge") : 0;
        }
        // Older files give one number; it meant the short side for CLIP, and both sides for ViT and DINO.
        boolean clip = config.text("feature_extractor_type", "").startsWith("CLIP");
        return clip ? config.count("size") : 0;
    }

    private static int side(ModelConfig config, String field) {
        if (!config.json().path(field).isObject()) {
            return config.count(field);
        }
        ModelConfig square = config.object(field);
        if (square.count("height") != square.count("width")) {
            throw config.bad(field, "a square");
        }
        return square.count("width");
    }

    /** The side that the network's own configuration asks for. */
    public int size() {
        return size;
    }

    /** What is subtracted from red, green and blue after the rescale. */
    public float[] mean() {
        return mean.clone();
    }

    /** What red, green and blue are divided by after that. */
    public float[] std() {
        return std.clone();
    }

    /**
     * The picture as the network sees it, before rescale and normalise: an RGB image of {@code size x size}.
     *
     * @param image any size; alpha is dropped
     * @param size the side wanted; the short side before the crop is scaled in the ratio of the configuration
     */
    public BufferedImage square(BufferedImage image, int size) {
        return resized(RgbPixels.of(image), size).toImage();
    }

    private RgbPixels resized(RgbPixels pixels, int size) {
        if (size < 1) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC, "Image size: expected at least 1 pixel, found " + size + ".");
        }
        if (shortestEdge == 0) {
            return PilResize.resize(pixels, size, size, filter);
        }
        int edge = (int) Math.round((double) shortestEdge * size / this.size);
        int width = pixels.width();
        int height = pixels.height();
        int longEdge =
                (int) Math.min((long) edge * Math.max(width, height) / Math.min(width, height), Integer.MAX_VALUE);
        RgbPixels resized = width <= height
                ? PilResize.resize(pixels, edge, longEdge, filter)
                : PilResize.resize(pixels, longEdge, edge, filter);
        return resized.centreCrop(size);
    }

    /**
     * Resize, crop, rescale, normalise.
     *
     * @param image any size; alpha is dropped
     * @param size the side S wanted; {@link #size} is the network's own
     * @return {@code [3, S, S]}, red first
     */
    public float[] pixelValues(BufferedImage image, int size) {
        return pixelValues(RgbPixels.of(image), size);
    }

    /**
     * As {@link #pixelValues(BufferedImage, int)}, from the bytes of an image file.
     *
     * @param name the file's name, for errors
     * @throws PalimpsestException as {@link ImageDecoder#decode}
     */
    public float[] pixelValues(byte[] file, String name, int size) {
        return pixelValues(ImageDecoder.samples(file, name), size);
    }

    private float[] pixelValues(RgbPixels pixels, int size) {
        byte[] samples = resized(pixels, size).samples();
        int area = size * size;
        float[] values = new float[3 * area];
        for (int i = 0; i < samples.length; i++) {
            int channel = i % 3;
            float value = (float) ((samples[i] & 0xff) * rescale);
            values[channel * area + i / 3] = (value - mean[channel]) / std[channel];
        }
        return values;
    }

    /**
     * A painted picture to what the network expects; differentiable.
     *
     * @param picture01 float32 {@code [n, 3, S, S]} in 0..1
     * @return the same shape, normalised
     */
    public NDArray normalise(NDArray picture01) {
        float[] factor = new float[3];
        float[] offset = new float[3];
        for (int channel = 0; channel < 3; channel++) {
            factor[channel] = (float) (255 * rescale / std[channel]);
            offset[channel] = -mean[channel] / std[channel];
        }
        Shape perChannel = new Shape(1, 3, 1, 1);
        return picture01
                .mul(picture01.getManager().create(factor, perChannel))
                .add(picture01.getManager().create(offset, perChannel));
    }
}
