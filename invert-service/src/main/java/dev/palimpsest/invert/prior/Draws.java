package dev.palimpsest.invert.prior;

import java.util.SplittableRandom;

/** Random numbers as a function of seed, step and purpose: interrupting a run at any step changes none of them. */
final class Draws {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Draws() {}

    /** Independent of every other stream, for numbers that are drawn in Java. */
    static SplittableRandom stream(long seed, long step, Purpose purpose) {
        return new SplittableRandom(mix(seed, step, purpose));
    }

    /** The same for a generator that takes a seed. Mixing is the finaliser of MurmurHash3. */
    static long mix(long seed, long step, Purpose purpose) {
        long z = mix(mix(seed * GOLDEN + purpose.ordinal()) + step * GOLDEN);
        return z & Long.MAX_VALUE;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
        z = (z ^ (z >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return z ^ (z >>> 33);
    }

    /** What the numbers are for; the order is part of the reproducibility of a seed. */
    enum Purpose {
        WEIGHTS,
        INPUT,
        INPUT_NOISE,
        VIEW,
        PIXEL_NOISE
    }
}
