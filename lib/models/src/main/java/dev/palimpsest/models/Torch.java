package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The one door to PyTorch: go through it rather than through {@link Engine}, so that the library never calls home and the
 * number of threads is a decision.
 *
 * <p>Two processes with two threads each on two cores run eight times slower than one after the other: the sum of {@link
 * #threads} over all processes of a machine must not exceed its cores.
 */
public final class Torch {
    private static final String OFFLINE = "ai.djl.offline";
    private static final Pattern CUDA = Pattern.compile("(?:cuda|gpu)(?::(\\d{1,3}))?");

    static {
        if (System.getProperty(OFFLINE) == null) {
            System.setProperty(OFFLINE, "true");
        }
    }

    private Torch() {}

    /**
     * Limits the threads that one operation may use, for the whole JVM.
     *
     * @param n at least 1
     */
    public static void threads(int n) {
        if (n < 1) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Torch threads: expected at least 1, found " + n + ". One per service is the default.");
        }
        engine();
        JniUtils.setNumThreads(n);
    }

    /** Seeds the generator behind every random tensor of this JVM; same seed, threads and machine give the same numbers. */
    public static void seed(long seed) {
        engine();
        JniUtils.setSeed(seed);
    }

    /** A new root manager on the device; the caller closes it, and with it every array that it still owns. */
    public static NDManager newManager(Device device) {
        return engine().newBaseManager(device);
    }

    /** The PyTorch engine, loaded offline unless the system property {@code ai.djl.offline} says otherwise. */
    public static Engine engine() {
        return Engine.getEngine("PyTorch");
    }

    /**
     * Reads {@code cpu}, {@code cuda} or {@code cuda:N}.
     *
     * @throws PalimpsestException {@code BAD_SPEC} for anything else, or when this machine has no such device
     */
    public static Device device(String name) {
        String wanted = name.strip().toLowerCase(Locale.ROOT);
        if (wanted.equals("cpu")) {
            return Device.cpu();
        }
        Matcher cuda = CUDA.matcher(wanted);
        if (!cuda.matches()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Device '" + name + "' is not known; expected cpu, cuda or cuda:N, as in cuda:0.");
        }
        int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
        int present = engine().getGpuCount();
        if (index >= present) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Device '" + name + "' is not there: PyTorch sees " + present
                            + " CUDA device(s). Use cpu, or install a CUDA build and set PYTORCH_LIBRARY_PATH.");
        }
        return Device.gpu(index);
    }

    /**
     * What a device could still give, in bytes: of a GPU its free memory, without one what the kernel says is available, and where there
     * is no such word on it, as much as one likes.
     */
    public static long freeMemory(Device device) {
        if (device.isGpu()) {
            MemoryUsage usage = CudaUtils.getGpuMemory(device);
            return usage.getMax() - usage.getCommitted();
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
        } catch (IOException notLinux) {
            return Long.MAX_VALUE;
        }
    }
}
