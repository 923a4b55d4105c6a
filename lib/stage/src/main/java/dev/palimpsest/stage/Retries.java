package dev.palimpsest.stage;

import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * Bounded retries with exponential back-off, for failures that declare themselves retryable and for no others.
 *
 * @param attempts in all, at least 1
 * @param firstDelay before the second attempt; doubles each time up to {@link #LONGEST}
 * @param pause how to wait
 */
record Retries(int attempts, Duration firstDelay, Pause pause) {
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** How to wait; tests give one that only remembers. */
    @FunctionalInterface
    interface Pause {
        void of(Duration length) throws InterruptedException;
    }

    /** What is done before every wait; it throws to give up. */
    @FunctionalInterface
    interface BeforeWait {
        void hear(PalimpsestException failure, Duration wait);
    }

    /** Returns what {@code work} returns at last; throws its last failure when it can't pass or was tried often enough. */
    <T> T call(BeforeWait before, Callable<T> work) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.call();
            } catch (PalimpsestException e) {
                if (!e.retryable() || attempt >= attempts) {
                    throw e;
                }
                Duration delay = delayAfter(attempt);
                before.hear(e, delay);
                pause.of(delay);
            }
        }
    }

    Duration delayAfter(int attempt) {
        Duration delay = firstDelay.multipliedBy(1L << Math.min(attempt - 1, 20));
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
