package dev.palimpsest.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {
    @Test
    void readsWhatAStageCounts() {
        ServiceMetrics metrics = ServiceMetrics.of("""
                # HELP palimpsest_units_total
                # TYPE palimpsest_units_total counter
                palimpsest_units_total{outcome="done",stage="embed"} 12.0
                palimpsest_units_total{outcome="failed",stage="embed"} 1.0
                palimpsest_dead_letters_total{code="BAD_DATA",stage="embed"} 1.0
                palimpsest_unit_running_seconds{stage="embed"} 901.5
                palimpsest_figure{figure="loss",stage="embed"} NaN
                jvm_threads_live_threads 20.0
                """);
        assertThat(metrics)
                .isEqualTo(new ServiceMetrics(
                        Map.of("done", 12L, "failed", 1L), Map.of("BAD_DATA", 1L), 901.5, Double.NaN, Double.NaN));
        assertThat(metrics.stuck()).isTrue();
        assertThat(metrics.told())
                .isEqualTo("units: done 12, failed 1; dead letters: BAD_DATA 1; one has been running for 902 s");
        assertThat(ServiceMetrics.of("").told()).isEqualTo("no unit yet");
    }

    @Test
    void ofAGpuItSaysHowFullItIs() {
        ServiceMetrics metrics = ServiceMetrics.of("""
                palimpsest_gpu_memory_used_bytes{gpu="0"} 3.221225472E9
                palimpsest_gpu_memory_max_bytes{gpu="0"} 2.5769803776E10
                """);
        assertThat(metrics.told()).isEqualTo("no unit yet; GPU memory in use: 3.0 of 24.0 GiB");
    }
}
