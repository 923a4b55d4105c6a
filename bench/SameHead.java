import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.embed.train.HeadTrainer;
import dev.palimpsest.embed.train.TrainSettings;
import dev.palimpsest.models.Torch;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Trains from the start values of bench/same-head-peer.py and says how far the weights are from those that PyTorch came to. */
final class SameHead {
    private SameHead() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int epochs = Integer.parseInt(arguments[1]);
        Torch.threads(Runtime.getRuntime().availableProcessors());
        try (Safetensors start = Safetensors.open(folder.resolve("start.safetensors"));
                Safetensors end = Safetensors.open(folder.resolve("end.safetensors"))) {
            double[] x = start.tensor("x").toDoubles();
            int[] y = start.tensor("y").toInts();
            int hidden = (int) start.tensor("0.weight").shape()[0];
            TrainSettings settings = TrainSettings.of(2, hidden, .01, .08, epochs, 0);
            try (HeadTrainer trainer = HeadTrainer.precise(settings, x, y, start.tensors())) {
                trainer.run(epochs, epoch -> {});
                Map<String, Tensor> ours = trainer.checkpoint();
                for (String name : end.tensors().keySet()) {
                    System.out.printf(
                            Locale.ROOT,
                            "%s: relative distance %.1e%n",
                            name,
                            distance(ours.get(name).toDoubles(), end.tensor(name).toDoubles()));
                }
            }
        }
    }

    private static double distance(double[] ours, double[] theirs) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < theirs.length; i++) {
            squares += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
            all += theirs[i] * theirs[i];
        }
        return Math.sqrt(squares / all);
    }
}
