import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What a step of preset fast costs for each picture of a batch, 112 pixels; random embeddings, since the time does not depend on them.
 *
 * <pre>java -cp "cli/target/lib/*" bench/Batch.java cpu 1 1,2,4,8</pre>
 */
final class Batch {
    private static final int WARM = 10;
    private static final int STEPS = 40;

    private Batch() {}

    public static void main(String[] arguments) {
        Torch.threads(Integer.parseInt(arguments[1]));
        try (Backbone backbone =
                Backbones.open(Path.of("examples/backbones/dinov2-small-saliency"), Torch.device(arguments[0]))) {
            for (String size : arguments[2].split(",")) {
                int n = Integer.parseInt(size);
                PriorSettings settings = PriorSettings.fast(112, WARM + STEPS, 1);
                List<DeepImagePrior.Start> starts = IntStream.range(0, n)
                        .mapToObj(i -> new DeepImagePrior.Start(
                                settings.withSeed(i),
                                new Random(i).doubles(backbone.dimension(), -1, 1).toArray()))
                        .toList();
                try (DeepImagePrior prior = DeepImagePrior.start(starts, backbone, null)) {
                    // A run ends by reading the losses, so the device has finished.
                    prior.run(WARM, (step, losses) -> {});
                    long started = System.nanoTime();
                    prior.run(STEPS, (step, losses) -> {});
                    System.out.printf(
                            Locale.ROOT,
                            "%s, %s thread(s), batch %d: %.1f ms a step and picture%n",
                            arguments[0],
                            arguments[1],
                            n,
                            (System.nanoTime() - started) / 1e6 / STEPS / n);
                }
            }
        }
    }
}
