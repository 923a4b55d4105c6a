package dev.palimpsest.chaos;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what other processes do. */
final class Await {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private Await() {}

    /**
     * Looks until the condition holds. A look that fails counts as no.
     *
     * @return how long it took
     * @throws AssertionError when it does not hold in time
     */
    static Duration until(String what, Duration most, Callable<Boolean> condition) {
        return until(() -> what, most, condition);
    }

    /** As above, with what is the matter when it does not hold in time. */
    static Duration until(Supplier<String> what, Duration most, Callable<Boolean> condition) {
        long begin = System.nanoTime();
        Exception last = null;
        while (System.nanoTime() - begin < most.toNanos()) {
            try {
                if (condition.call()) {
                    return Duration.ofNanos(System.nanoTime() - begin);
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(EVERY_NANOS);
        }
        throw new AssertionError("not within " + most.toSeconds() + " s: " + what.get(), last);
    }
}
