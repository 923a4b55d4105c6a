package dev.palimpsest.cli.command;

import dev.palimpsest.models.Torch;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Runs independent pieces of work on a few threads, each with one thread of the engine: faster than sharing every operation. */
final class SideBySide implements AutoCloseable {
    private final ExecutorService workers;

    SideBySide(int threads) {
        // The engine counts threads for each thread that calls it.
        workers = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(() -> {
                Torch.threads(1);
                work.run();
            });
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The results of 0 to n - 1, in that order. The first failure is thrown as it was. */
    <T> List<T> map(int n, IntFunction<T> work) {
        List<Future<T>> running = IntStream.range(0, n)
                .mapToObj(i -> workers.submit(() -> work.apply(i)))
                .toList();
        return running.stream().map(SideBySide::join).toList();
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
