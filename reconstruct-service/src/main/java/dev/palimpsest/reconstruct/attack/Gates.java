package dev.palimpsest.reconstruct.attack;

/** A gate pattern: one bit per living neuron, set where the neuron is open; bit k % 64 of word k / 64. */
final class Gates {
    private Gates() {}

    /** Open where {@code sign z_k > 0}; {@code z [>= neurons]}. */
    static long[] pack(int neurons, double[] z, double sign) {
        long[] pattern = new long[words(neurons)];
        for (int k = 0; k < neurons; k++) {
            if (z[k] * sign > 0) {
                pattern[k >> 6] |= 1L << k;
            }
        }
        return pattern;
    }

    /** The sign of z, 1 or -1, that agrees with a pattern: the larger part of its sizes is on the right side then; {@code z [neurons]}. */
    static double sign(long[] pattern, double[] z) {
        double agreement = 0;
        for (int k = 0; k < z.length; k++) {
            agreement += open(pattern, k) ? z[k] : -z[k];
        }
        return agreement < 0 ? -1 : 1;
    }

    static int words(int neurons) {
        return (neurons + 63) / 64;
    }

    static boolean open(long[] pattern, int k) {
        return ((pattern[k >> 6] >>> k) & 1) != 0;
    }

    /** How many neurons are open. */
    static int open(long[] pattern) {
        int count = 0;
        for (long word : pattern) {
            count += Long.bitCount(word);
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
}
