import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.embed.train.HeadTrainer;
import dev.palimpsest.embed.train.TrainSettings;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains a head on embeddings of another case, members and controls of it taken together, and writes the case that an auditor would have:
 * as many members of each of the first classes as told, and of what is left at most as many controls. Arguments: folder of the case,
 * classes, members of each, hidden neurons, seed, folder to write into.
 */
final class HeadOf {
    private static final double DECAY = .08;

    private final List<float[]> rows = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    private HeadOf() {}

    public static void main(String[] arguments) throws Exception {
        Path source = Path.of(arguments[0]);
        int classes = Integer.parseInt(arguments[1]);
        int each = Integer.parseInt(arguments[2]);
        Path out = Files.createDirectories(Path.of(arguments[5]));
        Torch.threads(Runtime.getRuntime().availableProcessors());
        HeadOf members = new HeadOf();
        HeadOf controls = new HeadOf();
        int[] taken = new int[classes];
        for (String name : List.of("members.safetensors", "controls.safetensors")) {
            try (Safetensors file = Safetensors.open(source.resolve(name))) {
                int[] label = file.tensor("labels").toInts();
                for (int i = 0; i < label.length; i++) {
                    if (label[i] < classes) {
                        (taken[label[i]]++ < each ? members : controls).add(file.tensor("embeddings").row(i), label[i]);
                    }
                }
            }
        }
        int n = members.rows.size();
        if (n != classes * each) {
            throw new IllegalArgumentException(source + " has not " + each + " embeddings of each of " + classes + " classes, only " + n + " in all");
        }
        members.save(out.resolve("members.safetensors"), n);
        controls.save(out.resolve("controls.safetensors"), n);
        members.train(out, classes, Integer.parseInt(arguments[3]), Long.parseLong(arguments[4]));
    }

    private void add(float[] row, int label) {
        rows.add(row);
        labels.add(label);
    }

    private void save(Path file, int most) {
        int n = Math.min(rows.size(), most);
        int d = rows.get(0).length;
        SafetensorsWriter.write(
                file,
                Map.of("embeddings", Tensor.ofFloats(matrix(n), n, d), "labels", Tensor.ofInts(label(n), n)),
                Map.of());
    }

    private void train(Path out, int classes, int hidden, long seed) throws IOException {
        int n = rows.size();
        float[] raw = matrix(n);
        Normaliser normaliser = Normaliser.fit(raw, rows.get(0).length);
        normaliser.save(out.resolve("normaliser.safetensors"));
        TrainSettings settings = TrainSettings.of(classes, hidden, .01, DECAY, 10_000, seed);
        try (HeadTrainer trainer = new HeadTrainer(settings, normaliser.apply(raw), label(n), Torch.device("cpu"), null)) {
            trainer.run(settings.epochs(), epoch -> {});
            trainer.head().save(out.resolve("head.safetensors"));
        }
        Files.writeString(out.resolve("case.json"), "{\"n\": " + n + ", \"training\": {\"wd\": " + DECAY + "}}\n");
    }

    private float[] matrix(int n) {
        int d = rows.get(0).length;
        float[] matrix = new float[n * d];
        for (int i = 0; i < n; i++) {
            System.arraycopy(rows.get(spread(i, n)), 0, matrix, i * d, d);
        }
        return matrix;
    }

    private int[] label(int n) {
        return IntStream.range(0, n).map(i -> labels.get(spread(i, n))).toArray();
    }

    /** The i-th of n rows that lie evenly over all of them, since files are sorted by class. */
    private int spread(int i, int n) {
        return i * rows.size() / n;
    }
}
