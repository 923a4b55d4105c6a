import dev.palimpsest.embed.train.HeadTrainer;
import dev.palimpsest.embed.train.TrainSettings;
import dev.palimpsest.models.Torch;
import java.util.Locale;
import java.util.SplittableRandom;

/** Times training at the paper's size: 100 x 1024 inputs, 500 hidden neurons, 10 000 epochs of full-batch gradient descent, one output. */
final class TrainHead {
    private TrainHead() {}

    public static void main(String[] arguments) throws Exception {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        Torch.threads(threads);
        int n = 100;
        int d = 1024;
        SplittableRandom random = new SplittableRandom(1);
        double[] inputs = random.doubles((long) n * d, -1.7, 1.7).toArray();
        int[] labels = random.ints(n, 0, 2).toArray();
        TrainSettings settings = TrainSettings.of(2, 500, .01, .08, 10_000, 1);
        long started = System.nanoTime();
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs, labels, Torch.device("cpu"), null)) {
            trainer.run(settings.epochs(), epoch -> {});
        }
        System.out.printf(
                Locale.ROOT, "palimpsest, %d thread(s): %.1f s%n", threads, (System.nanoTime() - started) / 1e9);
    }
}
