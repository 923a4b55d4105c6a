package dev.palimpsest.invert.prior;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;

/**
 * Everything that decides how a picture is made, apart from the embedding and the backbone.
 *
 * @param size side of the picture in pixels, 48 to 1024
 * @param steps how many updates of the network's weights
 * @param seed of the network's first weights, its input, the noise and the views
 * @param learningRate of Adam
 * @param noise what is added to the network's input, in order; the shares sum to 1
 * @param views how the backbone looks at the picture in each step
 * @param grey weight of the mean squared distance of the pixels from their own grey: holds back colours that nothing asks for
 * @param memory of the running mean over the pictures of the last steps, 0 to below 1; 0: the last picture alone
 */
public record PriorSettings(
        int size,
        int steps,
        long seed,
        double learningRate,
        List<NoisePhase> noise,
        Views views,
        double grey,
        double memory) {

    /** Smaller pictures leave less than two pixels at the network's lowest level. */
    public static final int MIN_SIZE = 48;

    public static final int MAX_SIZE = 1024;

    /**
     * @param share of all steps
     * @param deviation of the Gaussian noise on the network's input, whose own deviation is 1
     */
    public record NoisePhase(double share, double deviation) {}

    /**
     * How the backbone looks at the picture: moved, scaled and with noise, drawn anew in each step.
     *
     * @param shift largest move along each axis, in pixels
     * @param scale largest change of size, as a share: 0.15 for 85 % to 115 %
     * @param noise deviation of the Gaussian noise on pixels in 0..1
     */
    public record Views(double shift, double scale, double noise) {
        /** The picture as it is. */
        public static final Views NONE = new Views(0, 0, 0);

        boolean any() {
            return shift > 0 || scale > 0 || noise > 0;
        }
    }

    public PriorSettings {
        noise = List.copyOf(noise);
        require(size >= MIN_SIZE && size <= MAX_SIZE, "size", size, MIN_SIZE + " to " + MAX_SIZE + " pixels");
        require(steps >= 1, "steps", steps, "at least 1");
        require(learningRate > 0 && learningRate <= 1, "learning rate", learningRate, "above 0, at most 1");
        require(grey >= 0 && grey <= 100, "grey", grey, "0 to 100");
        require(memory >= 0 && memory < 1, "memory", memory, "0 to below 1");
        double shares = noise.stream().mapToDouble(NoisePhase::share).sum();
        require(Math.abs(shares - 1) < 1e-9, "sum of the noise shares", shares, "1");
        require(noise.stream().allMatch(p -> p.share >= 0 && p.deviation >= 0), "noise", noise, "no negative number");
        require(views.shift >= 0 && views.shift < size / 2.0, "shift", views.shift, "0 to below half the size");
        require(views.scale >= 0 && views.scale <= 0.5, "scale", views.scale, "0 to 0.5");
        require(views.noise >= 0 && views.noise <= 1, "pixel noise", views.noise, "0 to 1");
    }

    /** What gives the best pictures for the time: random views, little noise on the input. */
    public static PriorSettings fast(int size, int steps, long seed) {
        return new PriorSettings(
                size,
                steps,
                seed,
                0.01,
                List.of(new NoisePhase(0.5, 0.3), new NoisePhase(0.25, 0.1), new NoisePhase(0.25, 0.03)),
                new Views(8, 0.15, 0.05),
                0.5,
                0.95);
    }

    /** The picture as it is, with the strong noise of Splicing ViT Features (10, 2, 0.5); meant for 20 000 steps. */
    public static PriorSettings paper(int size, int steps, long seed) {
        return new PriorSettings(
                size,
                steps,
                seed,
                0.01,
                List.of(new NoisePhase(0.5, 10), new NoisePhase(0.25, 2), new NoisePhase(0.25, 0.5)),
                Views.NONE,
                0,
                0);
    }

    /** The deviation of the noise on the network's input at a step, counted from 0. */
    double noiseAt(long step) {
        double end = 0;
        for (NoisePhase phase : noise) {
            end += phase.share * steps;
            if (step < end) {
                return phase.deviation;
            }
        }
        return noise.get(noise.size() - 1).deviation;
    }

    private static void require(boolean holds, String what, Object found, String expected) {
        if (!holds) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC, "Inversion: " + what + " is " + found + ", expected " + expected + ".");
        }
    }
}
