package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A picture as the sum of pictures of 2 x 2, 4 x 4 and so on up to S x S, each enlarged to S x S; the sum goes through a sigmoid.
 *
 * <p>Adam moves every number by about the same step. Where the numbers are pixels, that makes noise; here a step moves whole regions
 * too, so that the rough arrangement comes first and details follow: the spectrum of photographs, without a network. Channels are
 * brightness and two contrasts of colour, as they vary in photographs: brightness moves most, and has nearly all of the details.
 */
final class PicturePyramid implements Painter {
    /** Deviation of the first weights: clouds with clear contrasts. From a grey picture, twice the steps are needed to find where things are. */
    private static final double FIRST = 0.3;

    /** Brightness, warm against cold, green against magenta; the columns are about as long as the channels vary in photographs. */
    private static final float[] COLOURS = {0.87f, 0.30f, 0.07f, 0.90f, 0f, -0.17f, 0.90f, -0.30f, 0.10f};

    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final List<Level> levels = new ArrayList<>();
    private final NDArray colours;
    private final int size;

    /** Enlarged by {@code left weight right}, after a factor for each channel; at full size there is only the factor. */
    private record Level(
            NDArray weight,
            NDArray factor,
            @Nullable NDArray left,
            @Nullable NDArray right) {}

    /** @param manager owns the weights */
    PicturePyramid(NDManager manager, int size, PyramidShape shape, SplittableRandom random) {
        this.size = size;
        colours = manager.create(COLOURS, new Shape(3, 3));
        for (int n : levels(size)) {
            float[] values = new float[3 * n * n];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (FIRST * random.nextGaussian());
            }
            NDArray weight = manager.create(values, new Shape(1, 3, n, n));
            weight.setRequiresGradient(true);
            weights.put("level." + n, weight);
            levels.add(level(manager, weight, n, shape));
        }
    }

    private Level level(NDManager manager, NDArray weight, int n, PyramidShape shape) {
        double share = size / 8.0 / n;
        float bright = (float) Math.pow(share, shape.coarseness());
        float colour = (float) (bright * Math.pow(Math.min(1, share), shape.fading()));
        NDArray scale = manager.create(new float[] {bright, colour, colour}, new Shape(1, 3, 1, 1));
        if (n == size) {
            return new Level(weight, scale, null, null);
        }
        float[] enlarge = Resampling.enlarge(n, size);
        return new Level(
                weight,
                scale,
                manager.create(enlarge, new Shape(size, n)),
                manager.create(Resampling.transpose(enlarge, size), new Shape(n, size)));
    }

    /** Sides of the levels, the coarsest first. */
    static List<Integer> levels(int size) {
        List<Integer> sides = new ArrayList<>();
        for (int n = size; n > 2; n = (n + 1) / 2) {
            sides.add(n);
        }
        sides.add(2);
        Collections.reverse(sides);
        return sides;
    }

    @Override
    public Map<String, NDArray> weights() {
        return Collections.unmodifiableMap(weights);
    }

    @Override
    public NDArray draw(NDArray input) {
        NDArray sum = null;
        for (Level level : levels) {
            NDArray part = enlarge(level, input.getManager());
            sum = sum == null ? part : sum.add(part);
        }
        if (sum == null) {
            throw new IllegalStateException("no level");
        }
        NDArray mixed = colours.matMul(sum.reshape(3, (long) size * size));
        mixed.attach(input.getManager());
        return mixed.reshape(1, 3, size, size).getNDArrayInternal().sigmoid();
    }

    /** The engine gives a result to the manager of its left factor, which outlives the step: so each one is moved. */
    private static NDArray enlarge(Level level, NDManager scope) {
        NDArray scaled = level.weight().mul(level.factor());
        scaled.attach(scope);
        if (level.left() == null || level.right() == null) {
            return scaled;
        }
        NDArray enlarged = level.left().matMul(scaled.matMul(level.right()));
        enlarged.attach(scope);
        return enlarged;
    }
}
