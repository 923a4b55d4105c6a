package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Gate patterns, one bit per living neuron, with their misfits: distances from the column space of the balanced rows. */
final class GatePatterns {
    /** Patterns closer than this share of the neurons are one. */
    private static final double SAME = .004;
    /** A pattern that is open, or closed, on fewer neurons than this share says nothing. */
    private static final double CONSTANT = .03;

    private final int width;
    private final List<long[]> bits = new ArrayList<>();
    private final List<Double> misfit = new ArrayList<>();

    /** For patterns over {@code width} neurons. */
    GatePatterns(int width) {
        this.width = width;
    }

    int size() {
        return bits.size();
    }

    int neurons() {
        return width;
    }

    double misfit(int i) {
        return misfit.get(i);
    }

    void add(long[] pattern, double patternMisfit) {
        bits.add(pattern);
        misfit.add(patternMisfit);
    }

    void addAll(GatePatterns others) {
        bits.addAll(others.bits);
        misfit.addAll(others.misfit);
    }

    /** The best by misfit, at most {@code most}, none above {@code limit}, none like a better one. */
    GatePatterns distinct(int most, double limit) {
        int[] order = IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparingDouble(misfit::get))
                .mapToInt(Integer::intValue)
                .toArray();
        GatePatterns kept = new GatePatterns(width);
        for (int i : order) {
            if (misfit.get(i) > limit || kept.size() == most) {
                break;
            }
            double open = open(bits.get(i)) / (double) width;
            if (open > CONSTANT && open < 1 - CONSTANT && kept.isNew(bits.get(i))) {
                kept.add(bits.get(i), misfit.get(i));
            }
        }
        return kept;
    }

    private boolean isNew(long[] pattern) {
        for (long[] other : bits) {
            if (difference(pattern, other) <= SAME * width) {
                return false;
            }
        }
        return true;
    }

    long[] bits(int i) {
        return bits.get(i);
    }

    /** Pattern i as zeros and ones, {@code [width]}. */
    double[] row(int i) {
        return row(bits.get(i), width);
    }

    /** Pattern i as +1 for open and -1 for closed, {@code [width]}. */
    double[] signs(int i) {
        double[] signs = row(i);
        for (int k = 0; k < width; k++) {
            signs[k] = 2 * signs[k] - 1;
        }
        return signs;
    }

    /** Each pattern with this probability. */
    GatePatterns sample(double share, SplittableRandom random) {
        GatePatterns some = new GatePatterns(width);
        for (int i = 0; i < size(); i++) {
            if (random.nextDouble() < share) {
                some.add(bits.get(i), misfit.get(i));
            }
        }
        return some;
    }

    static double[] row(long[] pattern, int width) {
        double[] row = new double[width];
        for (int k = 0; k < width; k++) {
            row[k] = (pattern[k >> 6] >>> k) & 1;
        }
        return row;
    }

    static long[] pack(boolean[] open) {
        long[] pattern = new long[(open.length + 63) / 64];
        for (int k = 0; k < open.length; k++) {
            if (open[k]) {
                pattern[k >> 6] |= 1L << k;
            }
        }
        return pattern;
    }

    static int open(long[] pattern) {
        int count = 0;
        for (long word : pattern) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /** Neurons that are open in both. */
    static int common(long[] a, long[] b) {
        int count = 0;
        for (int i = 0; i < a.length; i++) {
            count += Long.bitCount(a[i] & b[i]);
        }
        return count;
    }

    /** Neurons on which two patterns disagree. */
    static int difference(long[] a, long[] b) {
        int count = 0;
        for (int i = 0; i < a.length; i++) {
            count += Long.bitCount(a[i] ^ b[i]);
        }
        return count;
    }

    /** I64 {@code [size, words]}, bit k % 64 of word k / 64 for neuron k. */
    Tensor toTensor() {
        int words = (width + 63) / 64;
        long[] all = new long[size() * words];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(bits.get(i), 0, all, i * words, words);
        }
        return Tensor.ofLongs(all, size(), words);
    }

    /** The patterns of {@link #toTensor}, {@code [n][words]}. */
    static long[][] unpack(Tensor tensor, int width) {
        long[] shape = tensor.shape();
        int words = (width + 63) / 64;
        if (shape.length != 2 || shape[1] != words) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "Gate patterns: found " + tensor + ", expected " + words + " words for " + width
                            + " living neurons. The search was run on another head.");
        }
        long[] all = tensor.toLongs();
        long[][] patterns = new long[(int) shape[0]][words];
        for (int i = 0; i < patterns.length; i++) {
            System.arraycopy(all, i * words, patterns[i], 0, words);
        }
        return patterns;
    }
}
