package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.palimpsest.artifacts.Cosine;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * What must hold of any backbone, tried on two pictures that are always the same: embeddings are finite, repeatable, independent of what
 * else is in the batch and different for different pictures, and the gradient with respect to the pixels is that of the embedding.
 *
 * <p>Deterministic for a number of threads. It cannot tell whether weights are the ones that were published; digests do.
 */
public final class SelfTest {
    /**
     * One property.
     *
     * @param what in words
     * @param found the number that decides
     * @param limit what it must not exceed
     */
    public record Check(String what, double found, double limit) {
        /** NaN does not pass. */
        public boolean passed() {
            return found <= limit;
        }
    }

    /**
     * How far the cosine is to move along the gradient: far above float32's rounding, near enough to be straight. Networks with kinks
     * (ReLU6) want the smaller, smooth ones in the rounding of many layers the larger; the better of the two counts.
     */
    private static final double[] MOVES = {1e-3, 2e-4};

    private final Backbone backbone;
    private final int size;
    private final List<Check> checks = new ArrayList<>();

    private SelfTest(Backbone backbone) {
        this.backbone = backbone;
        this.size = backbone.inputSize();
    }

    /** Runs all checks at the backbone's own input size. */
    public static List<Check> run(Backbone backbone) {
        SelfTest test = new SelfTest(backbone);
        test.embeddings();
        return List.copyOf(test.checks);
    }

    private void embeddings() {
        float[] first = backbone.preprocessing().pixelValues(picture(0), size);
        float[] second = backbone.preprocessing().pixelValues(picture(1), size);
        float[] one = embed(first);
        float[] other = embed(second);
        float[] both = embed(first, second);
        int infinite = 0;
        for (float value : both) {
            infinite += Float.isFinite(value) ? 0 : 1;
        }
        check("numbers of the embeddings that are not finite", infinite, 0);
        check("difference when embedded again", difference(one, embed(first), 0), 0);
        check(
                "relative difference when embedded beside another picture",
                Math.max(difference(one, both, 0), difference(other, both, one.length)),
                1e-5);
        check("cosine between two unlike pictures", Cosine.of(one, other), 1 - 1e-6);
        gradient(first, other);
    }

    /** Central difference of the cosine along its gradient g, against |g|. */
    private void gradient(float[] pixels, float[] target) {
        float[] gradient = cosineGradient(pixels, target);
        double length = 0;
        for (float value : gradient) {
            length += (double) value * value;
        }
        length = Math.sqrt(length);
        double error = Double.POSITIVE_INFINITY;
        for (double move : MOVES) {
            double step = move / length;
            float[] ahead = pixels.clone();
            float[] behind = pixels.clone();
            for (int i = 0; i < pixels.length; i++) {
                ahead[i] += (float) (step * gradient[i] / length);
                behind[i] -= (float) (step * gradient[i] / length);
            }
            double slope = (Cosine.of(embed(ahead), target) - Cosine.of(embed(behind), target)) / (2 * step);
            error = Math.min(error, Math.abs(slope - length) / length);
        }
        check("relative difference between gradient and finite difference", error, 0.02);
    }

    private void check(String what, double found, double limit) {
        checks.add(new Check(what, found, limit));
    }

    private float[] embed(float[]... pictures) {
        try (NDManager scope = backbone.manager().newSubManager()) {
            return backbone.embed(pixels(scope, pictures)).toFloatArray();
        }
    }

    private NDArray pixels(NDManager scope, float[]... pictures) {
        float[] all = new float[pictures.length * pictures[0].length];
        for (int i = 0; i < pictures.length; i++) {
            System.arraycopy(pictures[i], 0, all, i * pictures[0].length, pictures[0].length);
        }
        return scope.create(all, new Shape(pictures.length, 3, size, size));
    }

    private float[] cosineGradient(float[] pixels, float[] target) {
        try (NDManager scope = backbone.manager().newSubManager()) {
            NDArray input = pixels(scope, pixels);
            NDArray wanted = scope.create(target, new Shape(1, target.length));
            NDArray wantedLength = wanted.square().sum();
            input.setRequiresGradient(true);
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray embedding = backbone.embed(input);
                NDArray lengths = embedding.square().sum().mul(wantedLength).sqrt();
                collector.backward(embedding.mul(wanted).sum().div(lengths));
            }
            return input.getGradient().toFloatArray();
        }
    }

    /** Largest difference of a row from one inside {@code rows}, against the largest number of that row. */
    private static double difference(float[] row, float[] rows, int offset) {
        double largest = 0;
        double size = 0;
        for (int i = 0; i < row.length; i++) {
            double difference = Math.abs(row[i] - rows[offset + i]);
            largest = difference <= largest ? largest : difference;
            size = Math.max(size, Math.abs(row[i]));
        }
        return largest == 0 ? 0 : largest / size;
    }

    /** Waves and a disc; no two rows or columns alike. */
    private static BufferedImage picture(int which) {
        BufferedImage image = new BufferedImage(260, 200, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 200; y++) {
            for (int x = 0; x < 260; x++) {
                boolean disc = Math.hypot(x - 90 - 80 * which, y - 110 + 30 * which) < 50;
                int red = disc ? 230 - 180 * which : wave(x * 0.07 + y * y * 0.0004);
                int green = disc ? 60 + 120 * which : wave(y * 0.05 * (1 + which) - x * x * 0.0003);
                int blue = wave((x + which * y) * 0.03 + 2);
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    private static int wave(double phase) {
        return (int) Math.round(127.5 + 120 * StrictMath.sin(phase));
    }
}
