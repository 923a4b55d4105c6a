package dev.palimpsest.embed.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Pictures for datasets that tests make. */
final class Drawn {
    private Drawn() {}

    /** A small JPEG of a disc, whose place and colour follow the number; makes the folders above it. */
    static Path picture(Path file, int number) {
        BufferedImage image = new BufferedImage(24, 18, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.getHSBColor(number * 0.17f, 0.8f, 0.9f));
        pen.fillOval(number % 7, number % 5, 10, 10);
        pen.dispose();
        try {
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "jpg", file.toFile());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
