package dev.palimpsest.artifacts.picture;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.awt.image.BufferedImage;

/**
 * The structural similarity of two pictures' brightness (Wang et al., Image Quality Assessment, IEEE TIP 2004, equation 13): the mean of
 *
 * <pre>(2 m_a m_b + C1)(2 s_ab + C2) / ((m_a^2 + m_b^2 + C1)(s_a^2 + s_b^2 + C2))</pre>
 *
 * over all windows of 11 x 11 pixels that lie within the picture, with Gaussian weights of deviation 1.5; C1 = .01^2 and C2 = .03^2 for
 * brightness in 0..1, which is the mean of red, green and blue.
 */
public final class Ssim {
    private static final int WINDOW = 11;
    private static final double[] WEIGHTS = weights();
    private static final double C1 = 1e-4;
    private static final double C2 = 9e-4;

    private Ssim() {}

    /**
     * Compares two pictures.
     *
     * @return 1 for equal pictures; about 0 for unrelated ones
     * @throws PalimpsestException {@code SHAPE_MISMATCH} when sizes differ or a side is below 11 pixels
     */
    public static double of(BufferedImage a, BufferedImage b) {
        int width = a.getWidth();
        int height = a.getHeight();
        if (width != b.getWidth() || height != b.getHeight() || Math.min(width, height) < WINDOW) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "SSIM compares pictures of one size, at least %d pixels wide and high; found %d x %d and %d x %d."
                            .formatted(WINDOW, width, height, b.getWidth(), b.getHeight()));
        }
        double[] x = brightness(a);
        double[] y = brightness(b);
        double[] meanX = blur(x, width);
        double[] meanY = blur(y, width);
        double[] xx = blur(product(x, x), width);
        double[] yy = blur(product(y, y), width);
        double[] xy = blur(product(x, y), width);
        double sum = 0;
        for (int i = 0; i < meanX.length; i++) {
            double mm = meanX[i] * meanY[i];
            double squares = meanX[i] * meanX[i] + meanY[i] * meanY[i];
            double variances = xx[i] + yy[i] - squares;
            sum += (2 * mm + C1) * (2 * (xy[i] - mm) + C2) / ((squares + C1) * (variances + C2));
        }
        return sum / meanX.length;
    }

    private static double[] weights() {
        double[] weights = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double distance = i - WINDOW / 2;
            weights[i] = Math.exp(-distance * distance / (2 * 1.5 * 1.5));
            sum += weights[i];
        }
        for (int i = 0; i < WINDOW; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    private static double[] brightness(BufferedImage image) {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        double[] brightness = new double[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            int rgb = pixels[i];
            brightness[i] = ((rgb >> 16 & 0xff) + (rgb >> 8 & 0xff) + (rgb & 0xff)) / (3 * 255.0);
        }
        return brightness;
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    /** Weighted means of all windows within the picture, along rows, then along columns. */
    private static double[] blur(double[] values, int width) {
        int height = values.length / width;
        int columns = width - WINDOW + 1;
        int rows = height - WINDOW + 1;
        double[] across = new double[height * columns];
        for (int i = 0; i < across.length; i++) {
            for (int k = 0; k < WINDOW; k++) {
                across[i] += WEIGHTS[k] * values[i / columns * width + i % columns + k];
            }
        }
        double[] means = new double[rows * columns];
        for (int i = 0; i < means.length; i++) {
            for (int k = 0; k < WINDOW; k++) {
                means[i] += WEIGHTS[k] * across[i + k * columns];
            }
        }
        return means;
    }
}
