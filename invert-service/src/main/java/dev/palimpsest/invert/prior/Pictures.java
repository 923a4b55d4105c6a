package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import java.awt.image.BufferedImage;

/** From the engine's pictures to Java's. */
final class Pictures {
    private Pictures() {}

    /**
     * @param picture {@code [1, 3, S, S]} in 0..1; rounded to 8 bits
     * @return RGB
     */
    static BufferedImage image(NDArray picture) {
        float[] values = picture.toFloatArray();
        int size = (int) picture.getShape().get(3);
        int plane = size * size;
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < plane; i++) {
            int rgb = level(values[i]) << 16 | level(values[plane + i]) << 8 | level(values[2 * plane + i]);
            image.setRGB(i % size, i / size, rgb);
        }
        return image;
    }

    private static int level(float value) {
        return Math.round(Math.min(1f, Math.max(0f, value)) * 255);
    }
}
