package dev.palimpsest.stage;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What a stage counts. Exported under {@code palimpsest_}: {@code units_total} by outcome, {@code unit_seconds}, {@code
 * unit_running_seconds} of the unit in hand (0 when idle), {@code record_age_seconds} that records had waited when their unit began,
 * {@code dead_letters_total} by code, {@code figure} with the newest number that a stage told by that name, and where there is a GPU {@code
 * gpu_memory_used_bytes} and {@code gpu_memory_max_bytes}.
 */
public final class Metrics {
    private static final String STAGE = "stage";
    private static final long IDLE = -1;

    private final MeterRegistry meters;
    private final LongSupplier nanoTime;
    private final Map<String, AtomicLong> running = new ConcurrentHashMap<>();
    private final Map<String, AtomicReference<Double>> figures = new ConcurrentHashMap<>();

    public Metrics(MeterRegistry meters, LongSupplier nanoTime) {
        this.meters = meters;
        this.nanoTime = nanoTime;
    }

    /** A record came to its worker that was written so long ago. */
    public void waited(String stage, Duration age) {
        meters.timer("palimpsest.record.age", STAGE, stage).record(age);
    }

    /** A unit begins. */
    public Unit begin(String stage) {
        AtomicLong since = running.computeIfAbsent(stage, this::watch);
        since.set(nanoTime.getAsLong());
        return new Unit(stage, since);
    }

    /** A record came whose unit was done before. */
    public void redelivered(String stage) {
        count(stage, "redelivered");
    }

    /** A record was put aside. */
    public void deadLetter(String stage, String code) {
        count(stage, "failed");
        meters.counter("palimpsest.dead.letters", STAGE, stage, "code", code).increment();
    }

    /** A stage told a number. */
    public void figure(String stage, String name, double value) {
        figures.computeIfAbsent(stage + " " + name, key -> {
                    AtomicReference<Double> newest = new AtomicReference<>(value);
                    Gauge.builder("palimpsest.figure", newest, AtomicReference::get)
                            .tag(STAGE, stage)
                            .tag("figure", name)
                            .register(meters);
                    return newest;
                })
                .set(value);
    }

    /** Of a GPU that is there; not a number while its driver says nothing. */
    public void gpuMemory(int gpu, Supplier<Optional<MemoryUsage>> memory) {
        String number = Integer.toString(gpu);
        Gauge.builder("palimpsest.gpu.memory.used", memory, m -> bytes(m, MemoryUsage::getUsed))
                .baseUnit("bytes")
                .tag("gpu", number)
                .register(meters);
        Gauge.builder("palimpsest.gpu.memory.max", memory, m -> bytes(m, MemoryUsage::getMax))
                .baseUnit("bytes")
                .tag("gpu", number)
                .register(meters);
    }

    private static double bytes(Supplier<Optional<MemoryUsage>> memory, ToLongFunction<MemoryUsage> part) {
        return memory.get().map(usage -> (double) part.applyAsLong(usage)).orElse(Double.NaN);
    }

    private AtomicLong watch(String stage) {
        AtomicLong since = new AtomicLong(IDLE);
        Gauge.builder("palimpsest.unit.running.seconds", since, this::seconds)
                .tag(STAGE, stage)
                .register(meters);
        return since;
    }

    private double seconds(AtomicLong since) {
        long begin = since.get();
        return begin == IDLE ? 0 : (nanoTime.getAsLong() - begin) / 1e9;
    }

    private void count(String stage, String outcome) {
        meters.counter("palimpsest.units", STAGE, stage, "outcome", outcome).increment();
    }

    /** A unit in hand; closed however it ends. */
    public final class Unit implements AutoCloseable {
        private final String stage;
        private final AtomicLong since;
        private final long begin;

        private Unit(String stage, AtomicLong since) {
            this.stage = stage;
            this.since = since;
            this.begin = since.get();
        }

        /** The unit had its effect. */
        public void done() {
            count(stage, "done");
            meters.timer("palimpsest.unit.seconds", STAGE, stage)
                    .record(Duration.ofNanos(nanoTime.getAsLong() - begin));
        }

        @Override
        public void close() {
            since.set(IDLE);
        }
    }
}
