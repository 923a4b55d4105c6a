package dev.palimpsest.chaos;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.contracts.AuditId;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** A whole audit that takes seconds: drawn pictures, a vision transformer of 48 numbers, a head of 32 neurons, two pictures. */
final class TinyStudy {
    /** Names that are nobody's business: what is logged may hold none. */
    static final String NAME = "canary-name-5e1f";

    static final String FILE = "canary-file-5e1f";

    private static final int IMAGES_A_CLASS = 20;
    private static final int SIDE = 64;

    private final Path folder;
    private final Path backbone;
    private final Submission submission;

    private TinyStudy(Path folder, Path backbone, int pictures, int steps) throws IOException {
        this.folder = folder;
        this.backbone = backbone;
        Path spec = Files.writeString(folder.resolve("audit-" + pictures + "-" + steps + ".yaml"), """
                apiVersion: palimpsest/v1
                name: %s
                backbone: %s
                target:
                  train: { dataset: images, hidden: 32, epochs: 5000 }
                reconstruct: { seconds: 4 }
                invert: { top: %d, steps: %d }
                """.formatted(
                        NAME, backbone, pictures, steps));
        submission = Submission.read(spec);
    }

    /** @param folder for its files, which is empty */
    static TinyStudy draw(Path repository, Path folder) {
        try {
            SplittableRandom random = new SplittableRandom(11);
            for (String label : new String[] {"discs", "squares"}) {
                Path images = Files.createDirectories(folder.resolve("images").resolve(label));
                for (int i = 0; i < IMAGES_A_CLASS; i++) {
                    ImageIO.write(
                            image(label, random),
                            "png",
                            images.resolve(FILE + "-" + i + ".png").toFile());
                }
                // One that is no image, for the stage to complain of.
                Files.writeString(images.resolve(FILE + "-broken.png"), "no image");
            }
            return new TinyStudy(folder, repository.resolve("lib/models/src/test/resources/backbones/vit"), 2, 25);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same data, and so many pictures of so many steps. */
    TinyStudy with(int pictures, int steps) {
        try {
            return new TinyStudy(folder, backbone, pictures, steps);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each call is another audit of the same data and seeds. */
    AuditId submit(GatewayClient gateway) {
        return new AuditId(submission.send(gateway, true, line -> {}));
    }

    private static BufferedImage image(String label, SplittableRandom random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(new Color(random.nextInt(1 << 24)));
        pen.fillRect(0, 0, SIDE, SIDE);
        for (int i = 0; i < 4; i++) {
            pen.setColor(new Color(random.nextInt(1 << 24)));
            int size = random.nextInt(8, 32);
            int x = random.nextInt(SIDE - size);
            int y = random.nextInt(SIDE - size);
            if (label.equals("discs")) {
                pen.fillOval(x, y, size, size);
            } else {
                pen.fillRect(x, y, size, size);
            }
        }
        pen.dispose();
        return image;
    }
}
