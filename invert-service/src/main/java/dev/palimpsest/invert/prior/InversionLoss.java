package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Preprocessing;
import java.awt.image.BufferedImage;
import java.util.List;
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
    private final NDList rows = new NDList();
    private final NDArray directions;

    /**
     * @param manager owns the constants
     * @param normaliser of the head; null: the cosine is taken between raw embeddings
     * @param embeddings {@code [n][d]} in the normaliser's space (raw without one)
     */
    InversionLoss(NDManager manager, Backbone backbone, @Nullable Normaliser normaliser, List<double[]> embeddings) {
        this.backbone = backbone;
        preprocessing = backbone.preprocessing();
        mean = normaliser == null ? null : row(manager, normaliser.mean(), 1);
        deviation = normaliser == null ? null : row(manager, normaliser.std(), 1);
        for (double[] embedding : embeddings) {
            SpaceCheck.check(backbone, normaliser, embedding);
            rows.add(row(manager, embedding, 1 / SpaceCheck.length(embedding)));
        }
        directions = NDArrays.concat(rows);
    }

    /**
     * @param pictures {@code [1, 3, S, S]} in 0..1 each, one for each embedding
     * @return {@code [n]}, each in 0..2, in the manager of the pictures
     */
    NDArray of(NDList pictures) {
        return of(pictures.size() == 1 ? pictures.get(0) : NDArrays.concat(pictures), directions);
    }

    /** @param picture {@code [1, 3, S, S]} in 0..1, compared with embedding {@code i} */
    double of(NDArray picture, int i) {
        return of(picture, rows.get(i)).getFloat();
    }

    private NDArray of(NDArray pictures, NDArray wanted) {
        NDArray seen = backbone.embed(preprocessing.normalise(pictures));
        if (mean != null && deviation != null) {
            seen = seen.sub(mean).div(deviation);
        }
        int[] across = {1};
        NDArray length = seen.square().sum(across).add(TINY).sqrt();
        return seen.mul(wanted).sum(across).div(length).neg().add(1f);
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
