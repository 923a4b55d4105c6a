package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Preprocessing;
import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/**
 * {@code 1 - cos((F(picture) - mean) / std, x)}: how far the picture's embedding points away from the wanted one, in the space that the
 * head saw. The length of x is not known to an attacker, and the cosine does not need it.
 */
final class InversionLoss {
    // Keeps the gradient finite should an embedding be exactly 0.
    private static final float TINY = 1e-12f;

    private final Backbone backbone;
    private final Preprocessing preprocessing;
    private final @Nullable NDArray mean;
    private final @Nullable NDArray deviation;
    private final NDArray direction;

    /**
     * @param manager owns the constants
     * @param normaliser of the head; null: the cosine is taken between raw embeddings
     * @param embedding {@code [d]} in the normaliser's space (raw without one)
     */
    InversionLoss(NDManager manager, Backbone backbone, @Nullable Normaliser normaliser, double[] embedding) {
        SpaceCheck.check(backbone, normaliser, embedding);
        this.backbone = backbone;
        preprocessing = backbone.preprocessing();
        mean = normaliser == null ? null : row(manager, normaliser.mean(), 1);
        deviation = normaliser == null ? null : row(manager, normaliser.std(), 1);
        direction = row(manager, embedding, 1 / SpaceCheck.length(embedding));
    }

    /**
     * @param picture {@code [1, 3, S, S]} in 0..1
     * @return a scalar in 0..2 in the manager of the picture
     */
    NDArray of(NDArray picture) {
        NDArray seen = backbone.embed(preprocessing.normalise(picture));
        if (mean != null && deviation != null) {
            seen = seen.sub(mean).div(deviation);
        }
        NDArray length = seen.square().sum().add(TINY).sqrt();
        return seen.mul(direction).sum().div(length).neg().add(1f);
    }

    /** The raw embedding {@code [d]} of a finished picture. */
    float[] embed(BufferedImage picture) {
        return backbone.embed(picture, picture.getWidth());
    }

    private static NDArray row(NDManager manager, double[] values, double factor) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) (values[i] * factor);
        }
        return manager.create(floats, new Shape(1, floats.length));
    }
}
