package dev.palimpsest.invert.prior;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;

/**
 * Everything that decides how a picture is made, apart from the embedding and the backbone.
 *
 * @param size side of the picture in pixels, 48 to 1024
 * @param steps how many updates of the network's weights
 * @param seed of the network's first weights, its input, the noise and the views
 * @param painting what draws the picture
 * @param learningRate of Adam
 * @param cooling the share of the steps, at the end, over which the learning rate falls to almost 0
 * @param noise what is added to the network's input, in order; the shares sum to 1
 * @param views how the backbone looks at the picture in each step
 * @param restraint what holds back colours and contrasts that nothing asks for
 * @param memory of the running mean over the pictures of the last steps, 0 to below 1; 0: the last picture alone
 */
public record PriorSettings(
        int size,
        int steps,
        long seed,
        Painting painting,
        double learningRate,
        double cooling,
        List<NoisePhase> noise,
        Views views,
        Restraint restraint,
        double memory) {

    private static final Views VIEWS = new Views(8, 0.15, 0.05);

    /** Smaller pictures show nothing; a network may ask for more. */
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

    /**
     * Weights of what a picture is charged for: {@link PicturePenalty}.
     *
     * @param grey of the mean squared distance of the pixels from their own grey
     * @param contrast of values outside 12 to 88 %
     * @param grain of the mean squared difference of neighbouring pixels
     */
    public record Restraint(double grey, double contrast, double grain) {
        /** The picture may be anything. */
        public static final Restraint NONE = new Restraint(0, 0, 0);
    }

    public PriorSettings {
        noise = List.copyOf(noise);
        int smallest = Math.max(MIN_SIZE, painting.smallest());
        require(size >= smallest && size <= MAX_SIZE, "size", size, smallest + " to " + MAX_SIZE + " pixels");
        require(steps >= 1, "steps", steps, "at least 1");
        require(learningRate > 0 && learningRate <= 1, "learning rate", learningRate, "above 0, at most 1");
        require(cooling >= 0 && cooling <= 1, "cooling", cooling, "0 to 1");
        require(restraint.grey >= 0 && restraint.grey <= 100, "grey", restraint.grey, "0 to 100");
        require(restraint.contrast >= 0 && restraint.contrast <= 100, "contrast", restraint.contrast, "0 to 100");
        require(restraint.grain >= 0 && restraint.grain <= 1000, "grain", restraint.grain, "0 to 1000");
        require(memory >= 0 && memory < 1, "memory", memory, "0 to below 1");
        double shares = noise.stream().mapToDouble(NoisePhase::share).sum();
        require(Math.abs(shares - 1) < 1e-9, "sum of the noise shares", shares, "1");
        require(noise.stream().allMatch(p -> p.share >= 0 && p.deviation >= 0), "noise", noise, "no negative number");
        require(views.shift >= 0 && views.shift < size / 2.0, "shift", views.shift, "0 to below half the size");
        require(views.scale >= 0 && views.scale <= 0.5, "scale", views.scale, "0 to 0.5");
        require(views.noise >= 0 && views.noise <= 1, "pixel noise", views.noise, "0 to 1");
    }

    /** The names of the presets. */
    public static final List<String> PRESETS = List.of("fast", "network", "paper");

    /**
     * A preset by its name.
     *
     * @throws PalimpsestException {@code BAD_SPEC} when there is none of that name
     */
    public static PriorSettings of(String preset, int size, int steps, long seed) {
        return switch (preset) {
            case "fast" -> fast(size, steps, seed);
            case "network" -> network(size, steps, seed);
            case "paper" -> paper(size, steps, seed);
            default ->
                throw new PalimpsestException(
                        ErrorCode.BAD_SPEC,
                        "Inversion: preset is " + preset + ", expected one of " + String.join(", ", PRESETS) + ".");
        };
    }

    /** As many steps as a preset is meant for. */
    public static int steps(String preset) {
        return AuditSpec.InvertSpec.steps(preset);
    }

    /** The side of a preset's pictures where none is asked for: what the backbone was fed, but for {@code paper}. */
    public static int size(String preset, int fed) {
        return preset.equals("paper") ? PAPER_SIZE : fed;
    }

    /** What gives the best pictures for the time: a pyramid and random views. */
    public static PriorSettings fast(int size, int steps, long seed) {
        return new PriorSettings(
                size,
                steps,
                seed,
                new PyramidShape(0.8, 2),
                0.05,
                0.3,
                List.of(new NoisePhase(1, 0)),
                VIEWS,
                new Restraint(3, 0.1, 20),
                0.95);
    }

    /** A small skip network and random views: smoother than {@code fast}, and several times slower. */
    public static PriorSettings network(int size, int steps, long seed) {
        return new PriorSettings(
                size,
                steps,
                seed,
                NetworkShape.SMALL,
                0.01,
                0,
                List.of(new NoisePhase(0.5, 0.3), new NoisePhase(0.25, 0.1), new NoisePhase(0.25, 0.03)),
                VIEWS,
                new Restraint(0.5, 0, 0),
                0.95);
    }

    /** Side of the paper's own pictures. */
    private static final int PAPER_SIZE = 224;

    /** As the attack's paper: the picture as it is, a deep network, strong noise (10, 2, 0.5). */
    public static PriorSettings paper(int size, int steps, long seed) {
        return new PriorSettings(
                size,
                steps,
                seed,
                NetworkShape.PAPER,
                0.01,
                0,
                List.of(new NoisePhase(0.5, 10), new NoisePhase(0.25, 2), new NoisePhase(0.25, 0.5)),
                Views.NONE,
                Restraint.NONE,
                0);
    }

    /** The same with another seed. */
    public PriorSettings withSeed(long seed) {
        return new PriorSettings(size, steps, seed, painting, learningRate, cooling, noise, views, restraint, memory);
    }

    /** The learning rate at a step, counted from 0. */
    double learningRateAt(long step) {
        double left = 1 - (double) step / steps;
        return left >= cooling ? learningRate : learningRate * (0.05 + 0.95 * left / cooling);
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
