import ai.djl.Device;
import dev.palimpsest.invert.measure.Likeness;
import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.ImageDecoder;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Inverts the true embeddings of photographs with presets, says how like the photographs the pictures are, and draws them: a column for each
 * photograph, the photographs above, a row for each preset below. One thread unless {@code -Dthreads} says otherwise, 112 pixels, seed 1;
 * embeddings z-scored over the members of the demonstration.
 *
 * <pre>java -cp "cli/target/lib/*" bench/Pictures.java OUT.png fast=200,paper=200 animals/dog animals/penguin ...</pre>
 */
final class Pictures {
    private static final Path EXAMPLES = Path.of("examples");
    private static final int SIZE = 112;

    private Pictures() {}

    public static void main(String[] arguments) throws Exception {
        Torch.threads(Integer.getInteger("threads", 1));
        List<List<BufferedImage>> rows = new ArrayList<>();
        try (Backbone first = Backbones.open(EXAMPLES.resolve("backbones/dinov2-small-saliency"), Device.cpu());
                Backbone second = Backbones.open(EXAMPLES.resolve("backbones/efficientnet-lite0"), Device.cpu())) {
            Normaliser space = space(first);
            List<String> names = List.of(arguments).subList(2, arguments.length);
            rows.add(new ArrayList<>());
            for (String name : names) {
                rows.get(0).add(first.preprocessing().square(photograph(name), SIZE));
            }
            System.out.println("preset | photograph | steps | CPU s | wall s | cosine | SSIM | second backbone");
            for (String run : arguments[1].split(",")) {
                String[] parts = run.split("=");
                rows.add(new ArrayList<>());
                for (String name : names) {
                    rows.get(rows.size() - 1).add(invert(parts[0], Integer.parseInt(parts[1]), name, first, second, space));
                    draw(rows, Path.of(arguments[0]));
                }
            }
        }
    }

    private static BufferedImage invert(
            String preset, int steps, String name, Backbone first, Backbone second, Normaliser space) throws Exception {
        BufferedImage photograph = photograph(name);
        double[] x = space.apply(first.embed(photograph, SIZE));
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long wall = System.nanoTime();
        try (DeepImagePrior prior = DeepImagePrior.start(
                List.of(new DeepImagePrior.Start(PriorSettings.of(preset, SIZE, steps, 1), x)), first, space)) {
            prior.run(steps, (step, losses) -> {});
            BufferedImage picture = prior.preview(0);
            double cpuSeconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e9;
            double seconds = (System.nanoTime() - wall) / 1e9;
            Likeness likeness = Likeness.of(picture, photograph, second);
            System.out.printf(
                    Locale.ROOT,
                    "%s | %s | %d | %.1f | %.1f | %.3f | %.3f | %.3f%n",
                    preset, name, steps, cpuSeconds, seconds, prior.cosine(0), likeness.ssim(), 1 - likeness.distance());
            return picture;
        }
    }

    private static Normaliser space(Backbone backbone) throws Exception {
        List<float[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(EXAMPLES.resolve("photos/split.csv"))) {
            String[] cells = line.split(",");
            if (cells[2].equals("member") && (cells[1].equals("animals") || cells[1].equals("landmarks"))) {
                rows.add(backbone.embed(photograph(cells[0].replace(".jpg", "")), SIZE));
            }
        }
        int d = backbone.dimension();
        double[] mean = new double[d];
        double[] std = new double[d];
        for (int j = 0; j < d; j++) {
            for (float[] row : rows) {
                mean[j] += row[j] / rows.size();
            }
            for (float[] row : rows) {
                std[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / (rows.size() - 1);
            }
            std[j] = Math.sqrt(std[j]);
        }
        return new Normaliser(mean, std);
    }

    private static BufferedImage photograph(String name) throws Exception {
        Path file = EXAMPLES.resolve("photos").resolve(name + ".jpg");
        return ImageDecoder.decode(Files.readAllBytes(file), name);
    }

    private static void draw(List<List<BufferedImage>> rows, Path out) throws Exception {
        int step = SIZE + 4;
        BufferedImage sheet = new BufferedImage(
                rows.get(0).size() * step - 4, rows.size() * step - 4, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        for (int y = 0; y < rows.size(); y++) {
            for (int x = 0; x < rows.get(y).size(); x++) {
                g.drawImage(rows.get(y).get(x), x * step, y * step, null);
            }
        }
        g.dispose();
        ImageIO.write(sheet, "png", out.toFile());
    }
}
