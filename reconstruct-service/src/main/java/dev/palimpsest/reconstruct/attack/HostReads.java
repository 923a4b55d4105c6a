package dev.palimpsest.reconstruct.attack;

import ai.djl.ndarray.NDArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one door through which the optimisers read numbers from their device. A read waits for everything that was asked of a GPU before,
 * so there must be none inside a loop: counted here, so that a test can see.
 */
final class HostReads {
    private static final AtomicLong COUNT = new AtomicLong();

    private HostReads() {}

    static double[] doubles(NDArray array) {
        COUNT.incrementAndGet();
        return array.toDoubleArray();
    }

    static float[] floats(NDArray array) {
        COUNT.incrementAndGet();
        return array.toFloatArray();
    }

    /** Reads of this JVM so far. */
    static long count() {
        return COUNT.get();
    }
}
