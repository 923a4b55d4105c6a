import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Torch;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Seconds to open a network with ViT's shapes at 224, and images per second. Arguments: base or large, folder, threads, batch sizes; random
 * weights are written to the folder if they are absent.
 */
final class BackboneSpeed {
    private static final double SECONDS = 10;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, Tensor> tensors = new TreeMap<>();
    private final int width;
    private final int depth;
    private final int heads;

    private BackboneSpeed(int width, int depth, int heads) {
        this.width = width;
        this.depth = depth;
        this.heads = heads;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        if (!Files.exists(folder.resolve("preprocessor_config.json"))) {
            (arguments[0].equals("large") ? new BackboneSpeed(1024, 24, 16) : new BackboneSpeed(768, 12, 12)).write(folder);
        }
        if (arguments.length == 2) {
            return;
        }
        int threads = Integer.parseInt(arguments[2]);
        Torch.threads(threads);
        Torch.engine();
        long started = System.nanoTime();
        try (Backbone backbone = Backbones.open(folder, Torch.device("cpu"))) {
            System.out.printf(
                    Locale.ROOT,
                    "palimpsest, %d thread(s): opened in %.2f s, heap at most %d MiB, memory of its own %d MiB",
                    threads,
                    (System.nanoTime() - started) / 1e9,
                    heapPeak() >> 20,
                    ownMemory() >> 10);
            for (int i = 3; i < arguments.length; i++) {
                int batch = Integer.parseInt(arguments[i]);
                System.out.print(speed(backbone, batch));
            }
            System.out.println();
        }
    }

    private static String speed(Backbone backbone, int batch) {
        float[] pixels = new float[batch * 3 * 224 * 224];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble(-1, 1);
        }
        run(backbone, pixels, batch);
        run(backbone, pixels, batch);
        int images = 0;
        long processor = processorNanos();
        long started = System.nanoTime();
        while (System.nanoTime() - started < SECONDS * 1e9) {
            run(backbone, pixels, batch);
            images += batch;
        }
        return String.format(
                Locale.ROOT,
                ", batch %d: %.2f images/s (%.0f ms of processor time each)",
                batch,
                images / ((System.nanoTime() - started) / 1e9),
                (processorNanos() - processor) / 1e6 / images);
    }

    /** Of all threads; what other processes leave over does not count. */
    private static long processorNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    /** Most bytes that were ever used on the heap. */
    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }

    /** KiB that are no pages of a file. */
    private static long ownMemory() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    private static void run(Backbone backbone, float[] pixels, int batch) {
        try (NDManager scope = backbone.manager().newSubManager()) {
            backbone.embed(scope.create(pixels, new Shape(batch, 3, 224, 224))).toFloatArray();
        }
    }

    private void write(Path folder) throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), String.format(
                """
                {"model_type": "vit", "architectures": ["ViTModel"], "hidden_size": %d, "intermediate_size": %d,
                 "num_hidden_layers": %d, "num_attention_heads": %d}""",
                width, 4 * width, depth, heads));
        draw("embeddings.cls_token", 1, 1, width);
        draw("embeddings.position_embeddings", 1, 197, width);
        dense("embeddings.patch_embeddings.projection", width, 3, 16, 16);
        for (int k = 0; k < depth; k++) {
            String block = "encoder.layer." + k + ".";
            norm(block + "layernorm_before");
            norm(block + "layernorm_after");
            for (String part : new String[] {"attention.query", "attention.key", "attention.value", "output.dense"}) {
                dense(block + "attention." + part, width, width);
            }
            dense(block + "intermediate.dense", 4 * width, width);
            dense(block + "output.dense", width, 4 * width);
        }
        norm("layernorm");
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""");
    }

    private void dense(String name, long... shape) {
        draw(name + ".weight", shape);
        draw(name + ".bias", shape[0]);
    }

    private void norm(String name) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        tensors.put(name + ".weight", Tensor.ofFloats(ones, width));
        draw(name + ".bias", width);
    }

    private void draw(String name, long... shape) {
        long size = 1;
        for (long side : shape) {
            size *= side;
        }
        float[] values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-0.03, 0.03);
        }
        tensors.put(name, Tensor.ofFloats(values, shape));
    }
}
