package dev.palimpsest.stage;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by audit, and who is next: the audit that has had the least time for its share, so that all that wait get what is theirs of a
 * worker however many units each has. Start-time fair queueing (Goyal, Vin, Cheng 1996): an audit's clock runs with the time that it gets; whoever
 * comes anew starts at the clock of the one whose turn it is, so that nobody saves up time by being idle. Of one audit, first come is first
 * served. Next is found in time linear in the audits that wait. Thread-safe.
 */
final class Turns<T> {
    private final Map<String, Line> lines = new HashMap<>();
    private double clock;
    private long arrivals;
    private boolean closed;

    /** An audit's items, and the seconds it has had, by its share. */
    private final class Line {
        private final Queue<Entry<T>> waiting = new ArrayDeque<>();
        private double had;

        private long since() {
            Entry<T> first = waiting.peek();
            return first == null ? Long.MAX_VALUE : first.arrival();
        }
    }

    private record Entry<T>(T item, long arrival) {}

    /** What has its turn, and whose it is. */
    record Turn<T>(String audit, T item) {}

    synchronized void add(String audit, T item) {
        Line line = lines.computeIfAbsent(audit, name -> new Line());
        if (line.waiting.isEmpty()) {
            line.had = Math.max(line.had, clock);
        }
        line.waiting.add(new Entry<>(item, arrivals++));
        notifyAll();
    }

    /** Waits until there is one; null when it was closed. */
    synchronized @Nullable Turn<T> take() throws InterruptedException {
        while (!closed) {
            var next = lines.entrySet().stream()
                    .filter(line -> !line.getValue().waiting.isEmpty())
                    .min(Comparator.comparingDouble((Map.Entry<String, Line> line) -> line.getValue().had)
                            .thenComparingLong(line -> line.getValue().since()));
            if (next.isPresent()) {
                Line line = next.get().getValue();
                clock = Math.max(clock, line.had);
                Entry<T> entry = line.waiting.remove();
                // What has nothing waiting and no more time than the others is as good as new.
                lines.values().removeIf(other -> other != line && other.waiting.isEmpty() && other.had <= clock);
                return new Turn<>(next.get().getKey(), entry.item());
            }
            wait();
        }
        return null;
    }

    /** The audit's turn took so long; with twice the share it counts half. */
    synchronized void took(String audit, Duration time, int share) {
        Line line = lines.get(audit);
        if (line != null) {
            line.had += time.toNanos() / 1e9 / share;
        }
    }

    /** Takes out what waits and fits. */
    synchronized List<T> remove(Predicate<T> which) {
        List<T> removed = new ArrayList<>();
        for (Line line : lines.values()) {
            line.waiting.removeIf(entry -> which.test(entry.item()) && removed.add(entry.item()));
        }
        return removed;
    }

    /** From now on there is nothing to take. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
