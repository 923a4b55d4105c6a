package dev.palimpsest.select.cluster;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the same task on a number of threads and waits for all of them. */
final class Workers {
    private Workers() {}

    static void run(int threads, Runnable task) {
        if (threads == 1) {
            task.run();
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                running.add(pool.submit(task));
            }
            for (Future<?> future : running) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof PalimpsestException known
                    ? known
                    : new PalimpsestException(ErrorCode.INTERNAL, "clustering failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(ErrorCode.INTERNAL, "clustering was interrupted; run it again", e);
        } finally {
            pool.shutdownNow();
        }
    }
}
