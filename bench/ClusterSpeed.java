import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.cli.Palimpsest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * {@code palimpsest cluster} of random clusters, its seconds and the most memory that the process had. Arguments: file, points, threads. The
 * file is drawn if it is absent: groups of 1 to 9 points in R^768 around random directions, cosines of about .95 inside a group.
 */
final class ClusterSpeed {
    private static final int WIDTH = 768;
    private static final int LARGEST_GROUP = 9;
    /** Of the noise, as a share of the direction's length: cosine 1 / (1 + s^2). */
    private static final double NOISE = 0.23;

    /** Bytes of all pieces of a tensor but the last. */
    private static final int PIECE = 1 << 30;

    private ClusterSpeed() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        if (!Files.exists(file)) {
            draw(file, Integer.parseInt(arguments[1]));
        }
        if (arguments.length == 2) {
            return;
        }
        long started = System.nanoTime();
        double before = processorSeconds();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> tell(started, before)));
        Palimpsest.main(new String[] {
            "cluster", "--points", file.toString(), "--threshold", "0.9", "--threads", arguments[2], "--out", file + ".labels"
        });
    }

    private static double processorSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
    }

    private static void tell(long started, double before) {
        try {
            String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .findFirst()
                    .orElse("");
            System.out.printf(
                    "palimpsest: %.1f s (%.1f s of processor time), %s%n",
                    (System.nanoTime() - started) / 1e9,
                    processorSeconds() - before,
                    peak);
        } catch (Exception e) {
            System.out.println(e);
        }
    }

    private static void draw(Path file, int n) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        double[] centre = new double[WIDTH];
        List<ByteBuffer> pieces = new ArrayList<>();
        int left = 0;
        for (int i = 0; i < n; i++, left--) {
            if (left == 0) {
                left = 1 + random.nextInt(LARGEST_GROUP);
                for (int k = 0; k < WIDTH; k++) {
                    centre[k] = random.nextGaussian();
                }
            }
            for (int k = 0; k < WIDTH; k++) {
                if (pieces.isEmpty() || !pieces.get(pieces.size() - 1).hasRemaining()) {
                    pieces.add(piece(Float.BYTES * ((long) WIDTH * (n - i) - k)));
                }
                pieces.get(pieces.size() - 1).putFloat((float) (centre[k] + NOISE * random.nextGaussian()));
            }
        }
        pieces.forEach(ByteBuffer::flip);
        SafetensorsWriter.write(file, Map.of("points", Tensor.ofSegments(Dtype.F32, pieces, n, WIDTH)), Map.of());
    }

    private static ByteBuffer piece(long bytes) {
        return ByteBuffer.allocate((int) Math.min(PIECE, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
