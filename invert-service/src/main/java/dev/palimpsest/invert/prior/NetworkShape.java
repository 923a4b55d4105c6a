package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDManager;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How a {@link SkipNetwork} is built: level i halves the picture and has {@code channels[i]} maps on the way down and up, made by
 * convolutions of {@code kernels[i]} pixels.
 *
 * @param inputs channels of the random input
 * @param channels of each level, from the picture's size down
 * @param kernels side of each level's convolutions, odd; those of the skips and of the last step of a level are 1
 * @param skip channels of each skip connection
 */
public record NetworkShape(int inputs, List<Integer> channels, List<Integer> kernels, int skip) implements Painting {
    /** Of the attack's paper: six levels with wide kernels at the top. */
    public static final NetworkShape PAPER =
            new NetworkShape(32, List.of(16, 32, 64, 128, 128, 128), List.of(7, 7, 5, 5, 3, 3), 4);

    /** Five levels of small kernels: a picture of 112 pixels needs no more, and a step takes half as long. */
    public static final NetworkShape SMALL =
            new NetworkShape(32, List.of(16, 32, 64, 128, 128), List.of(3, 3, 3, 3, 3), 4);

    public NetworkShape {
        channels = List.copyOf(channels);
        kernels = List.copyOf(kernels);
        boolean positive = inputs > 0 && skip > 0 && channels.stream().allMatch(c -> c > 0);
        boolean odd = kernels.stream().allMatch(k -> k > 0 && k % 2 == 1);
        if (channels.isEmpty() || channels.size() != kernels.size() || !positive || !odd) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Inversion: a network of %d inputs, channels %s, kernels %s and skip %d, expected positive numbers and an odd kernel for each of the channels."
                            .formatted(inputs, channels, kernels, skip));
        }
    }

    int levels() {
        return channels.size();
    }

    // No level's padding is as wide as what it mirrors, and the lowest has more than one pixel.
    @Override
    public int smallest() {
        int side = 2;
        while (!fits(side)) {
            side++;
        }
        return side;
    }

    private boolean fits(int size) {
        int side = size;
        for (int kernel : kernels) {
            int half = (side + 1) / 2;
            if (half <= kernel / 2 || half < 2) {
                return false;
            }
            side = half;
        }
        return true;
    }

    /** The same at every size. */
    @Override
    public long weights(int size) {
        long all = 0;
        int in = inputs;
        for (int i = 0; i < levels(); i++) {
            int out = channels.get(i);
            long area = (long) kernels.get(i) * kernels.get(i);
            int joined = skip + (i + 1 < levels() ? channels.get(i + 1) : out);
            all += (long) in * skip + area * out * ((long) in + out + joined) + (long) out * out;
            all += 2L * (skip + 4L * out + joined);
            in = out;
        }
        return all + 3L * channels.get(0) + 3;
    }

    /** Every convolution keeps its input twice padded, its result, and that normalised and bent. */
    @Override
    public long activations(int size) {
        long all = 0;
        long side = size;
        int in = inputs;
        for (int i = 0; i < levels(); i++) {
            int out = channels.get(i);
            int joined = skip + (i + 1 < levels() ? channels.get(i + 1) : out);
            long half = (side + 1) / 2;
            all += side * side * (2L * in + 3L * skip + 4L * joined + 7L * out);
            all += half * half * 8L * out;
            side = half;
            in = out;
        }
        return all;
    }

    @Override
    public Painter painter(NDManager manager, int size, SplittableRandom random) {
        return new SkipNetwork(manager, this, random);
    }
}
