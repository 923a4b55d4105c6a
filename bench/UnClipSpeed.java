import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Torch;
import dev.palimpsest.models.unclip.UNet;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One pass of an unCLIP network of the published shape with random weights: {@code decoder|super_res DIVISOR FOLDER THREADS}. The channels
 * are the published ones over the divisor; 1 is the published network. Weights that are not there are written, and that is all.
 */
public final class UnClipSpeed {
    private static final int PASSES = 2;

    public static void main(String[] arguments) throws Exception {
        boolean decoder = arguments[0].equals("decoder");
        int divisor = Integer.parseInt(arguments[1]);
        Path folder = Files.createDirectories(Path.of(arguments[2]));
        Torch.threads(Integer.parseInt(arguments[3]));
        Files.writeString(folder.resolve("config.json"), config(decoder, divisor));
        Map<String, Shape> shapes = UNet.tensors(folder);
        long parameters = shapes.values().stream().mapToLong(Shape::size).sum();
        if (!Files.exists(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            write(folder, shapes);
            return;
        }
        long started = System.nanoTime();
        try (UNet network = UNet.open(folder, Device.cpu())) {
            double loaded = (System.nanoTime() - started) / 1e9;
            int rows = decoder ? 2 : 1;
            int side = network.sampleSize();
            long before = peak();
            for (int pass = 0; pass < PASSES; pass++) {
                long wall = System.nanoTime();
                long processor = processor();
                try (NDManager scope = network.manager().newSubManager()) {
                    NDArray x = scope.ones(new Shape(rows, network.inputs(), side, side));
                    NDArray context = decoder ? scope.ones(new Shape(rows, 6, 1536 / divisor)) : null;
                    NDArray additive = decoder ? scope.ones(new Shape(rows, 1280 / divisor)) : null;
                    network.predict(x, 999, additive, context).toFloatArray();
                }
                System.out.printf(
                        Locale.ROOT,
                        "%s / %d: %.0f M parameters, loaded in %.1f s, pass %.1f s (%.1f s of processor time), peak %.2f GiB, %.2f GiB before"
                                + " the pass, %.2f GiB counted for it%n",
                        arguments[0],
                        divisor,
                        parameters / 1e6,
                        loaded,
                        (System.nanoTime() - wall) / 1e9,
                        (processor() - processor) / 1e9,
                        peak() / (double) (1 << 20),
                        before / (double) (1 << 20),
                        UNet.workingBytes(folder, rows) / (double) (1 << 30));
            }
        }
    }

    private static String config(boolean decoder, int divisor) {
        String channels = "[%d, %d, %d, %d]".formatted(320 / divisor, 640 / divisor, 960 / divisor, 1280 / divisor);
        String common = "\"block_out_channels\": " + channels + ", \"layers_per_block\": 3, \"norm_num_groups\": 32, ";
        String down = "\"ResnetDownsampleBlock2D\"";
        String up = "\"ResnetUpsampleBlock2D\"";
        String downAttention = "\"SimpleCrossAttnDownBlock2D\"";
        String upAttention = "\"SimpleCrossAttnUpBlock2D\"";
        if (decoder) {
            return "{\"_class_name\": \"UNet2DConditionModel\", " + common
                    + "\"sample_size\": 64, \"in_channels\": 3, \"out_channels\": 6, \"attention_head_dim\": "
                    + 64 / divisor + ", \"cross_attention_dim\": " + 1536 / divisor
                    + ", \"class_embed_type\": \"identity\", \"resnet_time_scale_shift\": \"scale_shift\","
                    + " \"mid_block_type\": \"UNetMidBlock2DSimpleCrossAttn\", \"down_block_types\": "
                    + List.of(down, downAttention, downAttention, downAttention) + ", \"up_block_types\": "
                    + List.of(upAttention, upAttention, upAttention, up) + "}";
        }
        return "{\"_class_name\": \"UNet2DModel\", " + common
                + "\"sample_size\": 256, \"in_channels\": 6, \"out_channels\": 3, \"add_attention\": false, \"down_block_types\": "
                + List.of(down, down, down, down) + ", \"up_block_types\": " + List.of(up, up, up, up) + "}";
    }

    /** Small numbers around 0: what they are does not matter to the clock. */
    private static void write(Path folder, Map<String, Shape> shapes) {
        SplittableRandom random = new SplittableRandom(1);
        // Every tensor is the beginning of one block as long as the longest, so that writing needs little memory.
        int longest = Math.toIntExact(4 * shapes.values().stream().mapToLong(Shape::size).max().orElseThrow());
        ByteBuffer block = ByteBuffer.allocateDirect(longest).order(ByteOrder.LITTLE_ENDIAN);
        while (block.hasRemaining()) {
            block.putFloat((float) (random.nextGaussian() * 0.02));
        }
        Map<String, Tensor> tensors = new TreeMap<>();
        shapes.forEach((name, shape) -> {
            ByteBuffer bytes = block.slice(0, Math.toIntExact(4 * shape.size()));
            tensors.put(name, Tensor.ofSegments(Dtype.F32, List.of(bytes), shape.getShape()));
        });
        SafetensorsWriter.write(folder.resolve("diffusion_pytorch_model.safetensors"), tensors, Map.of());
    }

    /** Most of this process that was in memory so far, KiB. */
    private static long peak() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no VmHWM");
    }

    private static long processor() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
