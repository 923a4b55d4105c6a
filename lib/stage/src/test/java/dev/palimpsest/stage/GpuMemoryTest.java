package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class GpuMemoryTest {
    private static final long TOTAL = 24L << 30;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void aCpuHasNoGaugeRatherThanOneAtZero() {
        new GpuMemory().watch("cpu", meters);
        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void aGpuThatIsNotThereHasNone() {
        new GpuMemory().watch("cuda:999", meters);
        new GpuMemory(gpu -> Optional.empty()).watch("cuda", meters);
        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void aGpuTellsWhatIsInUseNow() {
        AtomicReference<Optional<MemoryUsage>> now = new AtomicReference<>(Optional.of(used(3L << 30)));
        new GpuMemory(gpu -> gpu == 1 ? now.get() : Optional.empty()).watch("cuda:1", meters);
        assertThat(meters.getMeters())
                .extracting(Meter::getId)
                .allMatch(id -> "1".equals(id.getTag("gpu")) && "bytes".equals(id.getBaseUnit()))
                .hasSize(2);
        assertThat(gauge("used")).isEqualTo(3L << 30);
        assertThat(gauge("max")).isEqualTo(TOTAL);

        now.set(Optional.of(used(5L << 30)));
        assertThat(gauge("used")).isEqualTo(5L << 30);
        now.set(Optional.empty());
        assertThat(gauge("used")).isNaN();
    }

    private double gauge(String part) {
        return meters.get("palimpsest.gpu.memory." + part).gauge().value();
    }

    private static MemoryUsage used(long bytes) {
        return new MemoryUsage(-1, bytes, bytes, TOTAL);
    }
}
