package dev.palimpsest.invert.measure;

import dev.palimpsest.artifacts.Cosine;
import dev.palimpsest.artifacts.picture.Ssim;
import dev.palimpsest.models.Backbone;
import java.awt.image.BufferedImage;

/**
 * A finished picture beside the photograph that it may be of.
 *
 * @param ssim {@link Ssim} at the picture's size
 * @param distance {@code 1 - cos} of the two pictures' raw embeddings: the perceptual distance in the features of a backbone. In those of
 *     the backbone that made the picture it is flattering; a second one says more
 */
public record Likeness(double ssim, double distance) {

    /**
     * Compares them.
     *
     * @param photograph any size; it is resized and cropped to the picture's as the backbone's preprocessing does
     * @param backbone both are shown at its own size
     */
    public static Likeness of(BufferedImage picture, BufferedImage photograph, Backbone backbone) {
        BufferedImage square = backbone.preprocessing().square(photograph, picture.getWidth());
        return new Likeness(Ssim.of(picture, square), 1 - Cosine.of(embed(picture, backbone), embed(square, backbone)));
    }

    private static float[] embed(BufferedImage image, Backbone backbone) {
        return backbone.embed(image, backbone.inputSize());
    }
}
