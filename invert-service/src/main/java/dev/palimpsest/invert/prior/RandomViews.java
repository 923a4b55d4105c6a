package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.SplittableRandom;

/**
 * What the backbone gets to see of the picture in one step: moved, scaled, with a little noise. A pattern that fools the backbone in one
 * view does not in the next, so that what remains is a picture.
 *
 * <p>Moving and scaling are separable: the view is {@code R_y picture R_x'} with one {@code [S, S]} matrix per axis; see
 * {@link Resampling#view}.
 */
final class RandomViews {
    private final PriorSettings settings;

    RandomViews(PriorSettings settings) {
        this.settings = settings;
    }

    /**
     * @param picture {@code [1, 3, S, S]} in 0..1
     * @param step decides, with the seed, what is drawn
     * @return {@code [1, 3, S, S]} in the manager of the picture; values may leave 0..1 by the noise
     */
    NDArray view(NDArray picture, long step) {
        PriorSettings.Views views = settings.views();
        if (!views.any()) {
            return picture;
        }
        NDManager manager = picture.getManager();
        SplittableRandom random = Draws.stream(settings.seed(), step, Draws.Purpose.VIEW);
        double scale = 1 + symmetric(random, views.scale());
        Shape square = new Shape(settings.size(), settings.size());
        NDArray vertical =
                manager.create(Resampling.view(settings.size(), scale, symmetric(random, views.shift())), square);
        float[] line = Resampling.view(settings.size(), scale, symmetric(random, views.shift()));
        NDArray horizontal = manager.create(Resampling.transpose(line, settings.size()), square);
        NDArray moved = vertical.matMul(picture).matMul(horizontal);
        if (views.noise() == 0) {
            return moved;
        }
        Torch.seed(Draws.mix(settings.seed(), step, Draws.Purpose.PIXEL_NOISE));
        return moved.add(manager.randomNormal(0f, (float) views.noise(), moved.getShape(), moved.getDataType()));
    }

    private static double symmetric(SplittableRandom random, double bound) {
        return (2 * random.nextDouble() - 1) * bound;
    }
}
