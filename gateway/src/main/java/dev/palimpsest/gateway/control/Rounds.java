package dev.palimpsest.gateway.control;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Does something from time to time, on a thread of its own that keeps no process alive. What is done must not throw, or it is done no more. */
final class Rounds implements AutoCloseable {
    private final Runnable round;
    private final ScheduledExecutorService timer;

    Rounds(String name, Runnable round) {
        this.round = round;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** @param upToDate asked before each round, which is left out where it says no */
    void start(Duration every, BooleanSupplier upToDate) {
        var unused = timer.scheduleWithFixedDelay(
                () -> {
                    if (upToDate.getAsBoolean()) {
                        round.run();
                    }
                },
                every.toMillis(),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
