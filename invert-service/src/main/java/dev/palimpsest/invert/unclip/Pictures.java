package dev.palimpsest.invert.unclip;

import java.awt.image.BufferedImage;

/** From the networks' range to 8 bits. */
final class Pictures {
    private Pictures() {}

    /**
     * @param planes {@code [3, side, side]} in -1..1; clamped, and rounded half to even
     * @return RGB
     */
    static BufferedImage image(float[] planes, int side) {
        int area = side * side;
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < area; i++) {
            int rgb = level(planes[i]) << 16 | level(planes[area + i]) << 8 | level(planes[2 * area + i]);
            image.setRGB(i % side, i / side, rgb);
        }
        return image;
    }

    private static int level(float x) {
        return (int) Math.rint(Math.min(1f, Math.max(0f, x / 2 + 0.5f)) * 255);
    }
}
