import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.invert.retrieval.Gallery;
import dev.palimpsest.invert.retrieval.Nearest;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How long it takes to find the five nearest of many embeddings in a mapped .npy, twice: with the file as the system has it, and again.
 *
 * <pre>java -Xmx256m -cp "cli/target/lib/*" bench/Retrieval.java FOLDER ROWS WIDTH THREADS</pre>
 */
final class Retrieval {
    private Retrieval() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]).resolve("gallery.npy");
        int rows = Integer.parseInt(arguments[1]);
        int width = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        int planted = rows / 3 * 2;
        double[] x = write(file, rows, width, planted);
        Gallery gallery = Gallery.open(file);
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        for (int run = 1; run <= 2; run++) {
            long cpu = system.getProcessCpuTime();
            long started = System.nanoTime();
            List<Nearest.Hit> hits = Nearest.find(gallery, null, x, 5, threads);
            double seconds = (System.nanoTime() - started) / 1e9;
            if (hits.get(0).row() != planted) {
                throw new IllegalStateException("row " + planted + " is the nearest, but found was " + hits);
            }
            System.out.printf(
                    Locale.ROOT,
                    "retrieval: %d x %d, %d thread(s), pass %d: %.2f s, of the processors %.2f s; heap %d MiB%n",
                    rows, width, threads, run, seconds, (system.getProcessCpuTime() - cpu) / 1e9, Runtime.getRuntime().maxMemory() >> 20);
        }
        Files.delete(file);
    }

    /** Random rows, one of which is 0.7 of what is looked for. */
    private static double[] write(Path file, int rows, int width, int planted) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        double[] x = new double[width];
        for (int j = 0; j < width; j++) {
            x[j] = 2 * random.nextDouble() - 1;
        }
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + width + "), }";
        byte[] header = (text + " ".repeat(117 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length, 0});
            out.write(header);
            ByteBuffer row = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < rows; i++) {
                double share = i == planted ? 0.7 : 0;
                for (int j = 0; j < width; j++) {
                    row.putFloat(4 * j, (float) (share * x[j] + (1 - share) * (2 * random.nextDouble() - 1)));
                }
                out.write(row.array());
            }
        }
        return x;
    }
}
