import dev.palimpsest.cli.Palimpsest;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** {@code palimpsest embed} of many drawn images, and the most memory that it had. Arguments: folder to draw in, images, backbone. */
final class ManyImages {
    private static final int SIDE = 96;

    private ManyImages() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int images = Integer.parseInt(arguments[1]);
        if (!Files.exists(folder)) {
            draw(folder, images);
        }
        long started = System.nanoTime();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> tell(images, started)));
        Palimpsest.main(new String[] {
            "embed", "--backbone", arguments[2], "--data", "folder:" + folder, "--out", folder + ".safetensors"
        });
    }

    private static void tell(int images, long started) {
        try {
            double seconds = (System.nanoTime() - started) / 1e9;
            System.out.printf("%d images in %.1f s, %.0f a second%n", images, seconds, images / seconds);
            Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:") || line.startsWith("RssAnon:"))
                    .forEach(System.out::println);
        } catch (Exception e) {
            System.out.println(e);
        }
    }

    /** Four classes of the same number of images. */
    private static void draw(Path folder, int images) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < images; i++) {
            Graphics2D graphics = image.createGraphics();
            for (int k = 0; k < 8; k++) {
                graphics.setColor(new Color(random.nextInt(1 << 24)));
                graphics.fillOval(random.nextInt(SIDE), random.nextInt(SIDE), random.nextInt(SIDE), random.nextInt(SIDE));
            }
            graphics.dispose();
            Path file = folder.resolve("class-" + i % 4).resolve(i + ".jpg");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "jpeg", file.toFile());
        }
    }
}
