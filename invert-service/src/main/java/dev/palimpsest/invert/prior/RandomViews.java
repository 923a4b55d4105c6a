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
 * <p>Moving and scaling are separable: the view is {@code R_y picture R_x'} with one {@code [S, S]} matrix per axis, whose rows hold the
 * two weights of a linear interpolation; beyond the edge the picture is mirrored.
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
                manager.create(rows(settings.size(), scale, symmetric(random, views.shift())), square);
        NDArray horizontal =
                manager.create(columns(settings.size(), scale, symmetric(random, views.shift())), square);
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

    /**
     * Row i holds the weights with which the pixels of a line make pixel i of the view: the line scaled about its centre, then moved.
     *
     * @return {@code [n, n]}, each row sums to 1
     */
    static float[] rows(int n, double scale, double shift) {
        float[] matrix = new float[n * n];
        double centre = (n - 1) / 2.0;
        for (int i = 0; i < n; i++) {
            double source = (i - centre - shift) / scale + centre;
            int left = (int) Math.floor(source);
            float share = (float) (source - left);
            matrix[i * n + mirrored(left, n)] += 1 - share;
            matrix[i * n + mirrored(left + 1, n)] += share;
        }
        return matrix;
    }

    /** The transpose of {@link #rows}: made here, where it costs nothing. */
    private static float[] columns(int n, double scale, double shift) {
        float[] rows = rows(n, scale, shift);
        float[] columns = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                columns[j * n + i] = rows[i * n + j];
            }
        }
        return columns;
    }

    /** Reflection about the edge pixels, which are not repeated: -1 is 1, n is n - 2. */
    private static int mirrored(int index, int n) {
        int period = 2 * (n - 1);
        int folded = Math.floorMod(index, period);
        return folded < n ? folded : period - folded;
    }
}
