package dev.palimpsest.stage;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Tells how much memory of its GPU is in use, by all processes on it. A worker on a CPU tells nothing: a gauge at zero would say that there is a GPU
 * and that it is empty.
 */
@ApplicationScoped
class GpuMemory {
    private static final Logger LOG = Logger.getLogger(GpuMemory.class);
    private static final Pattern GPU = Pattern.compile("(?:cuda|gpu)(?::(\\d{1,3}))?");

    private final Probe probe;

    /** Reads the memory of a GPU by its number; empty when there is no such GPU or the driver says nothing. */
    @FunctionalInterface
    interface Probe {
        Optional<MemoryUsage> read(int gpu);
    }

    @Inject
    GpuMemory() {
        this(GpuMemory::driver);
    }

    GpuMemory(Probe probe) {
        this.probe = probe;
    }

    void start(@Observes StartupEvent event, StageConfig config, MeterRegistry meters) {
        watch(config.device(), meters);
    }

    /** @param device as {@link StageConfig#device} */
    void watch(String device, MeterRegistry meters) {
        Matcher matcher = GPU.matcher(device);
        if (!matcher.matches()) {
            return;
        }
        int gpu = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
        if (probe.read(gpu).isEmpty()) {
            LOG.warnf("the memory of %s is not told: the CUDA runtime was not found, or has no such GPU", device);
            return;
        }
        new Metrics(meters, System::nanoTime).gpuMemory(gpu, () -> probe.read(gpu));
    }

    private static Optional<MemoryUsage> driver(int gpu) {
        try {
            return gpu < CudaUtils.getGpuCount()
                    ? Optional.of(CudaUtils.getGpuMemory(Device.gpu(gpu)))
                    : Optional.empty();
        } catch (IllegalArgumentException | IllegalStateException | LinkageError e) {
            LOG.debugf("no memory of GPU %d: %s", gpu, e.getMessage());
            return Optional.empty();
        }
    }
}
