package dev.palimpsest.models;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.function.DoubleUnaryOperator;

/**
 * The antialiased resize of the Python imaging library, bit for bit: published backbones were trained behind it.
 *
 * <p>Two separable passes over eight-bit samples, horizontal first, each rounding and clamping to eight bits; weights are fixed-point
 * integers with 22 fractional bits. The clamp between the passes matters: bicubic overshoots at hard edges by up to 14 levels. A pass
 * that does not change the size is skipped. Cost: {@code O(pixels x support)}.
 */
final class PilResize {
    private static final int FRACTION = 22;
    private static final int HALF = 1 << (FRACTION - 1);

    /** Interpolation kernels under their numbers in {@code preprocessor_config.json}. */
    enum Filter {
        BILINEAR(2, 1, x -> Math.max(0, 1 - Math.abs(x))),
        /** Keys' cubic with a = -0.5. */
        BICUBIC(3, 2, Filter::cubic);

        final int code;
        final double support;
        final DoubleUnaryOperator kernel;

        Filter(int code, double support, DoubleUnaryOperator kernel) {
            this.code = code;
            this.support = support;
            this.kernel = kernel;
        }

        private static double cubic(double at) {
            double a = -0.5;
            double x = Math.abs(at);
            if (x < 1) {
                return ((a + 2) * x - (a + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
        }
    }

    private PilResize() {}

    /**
     * Resizes to {@code width x height}.
     *
     * @throws PalimpsestException {@code BAD_IMAGE} when the picture is so long and thin that a pass would need more pixels than any
     *     image may have
     */
    static RgbPixels resize(RgbPixels in, int width, int height, Filter filter) {
        if ((long) width * Math.max(in.height(), height) > ImageDecoder.MAX_PIXELS) {
            throw new PalimpsestException(
                    ErrorCode.BAD_IMAGE,
                    "A picture of " + in.width() + " x " + in.height()
                            + " pixels is too long and thin to be resized to " + width + " x " + height
                            + ". Crop it or leave it out.");
        }
        RgbPixels across = in.width() == width ? in : horizontal(in, width, filter);
        return across.height() == height ? across : vertical(across, height, filter);
    }

    private static RgbPixels horizontal(RgbPixels in, int width, Filter filter) {
        byte[] from = in.samples();
        byte[] to = new byte[Math.multiplyExact(in.height() * 3, width)];
        for (int x = 0; x < width; x++) {
            Taps taps = Taps.at(x, in.width(), width, filter);
            for (int y = 0; y < in.height(); y++) {
                for (int channel = 0; channel < 3; channel++) {
                    int sum = HALF;
                    int at = (y * in.width() + taps.first) * 3 + channel;
                    for (int weight : taps.weights) {
                        sum += weight * (from[at] & 0xff);
                        at += 3;
                    }
                    to[(y * width + x) * 3 + channel] = clamp(sum);
                }
            }
        }
        return new RgbPixels(width, in.height(), to);
    }

    private static RgbPixels vertical(RgbPixels in, int height, Filter filter) {
        byte[] from = in.samples();
        int row = in.width() * 3;
        byte[] to = new byte[Math.multiplyExact(row, height)];
        for (int y = 0; y < height; y++) {
            Taps taps = Taps.at(y, in.height(), height, filter);
            for (int column = 0; column < row; column++) {
                int sum = HALF;
                int at = taps.first * row + column;
                for (int weight : taps.weights) {
                    sum += weight * (from[at] & 0xff);
                    at += row;
                }
                to[y * row + column] = clamp(sum);
            }
        }
        return new RgbPixels(in.width(), height, to);
    }

    private static byte clamp(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> FRACTION));
    }

    /** The source samples behind one output sample, and their fixed-point weights. */
    private record Taps(int first, int... weights) {

        static Taps at(int index, int in, int out, Filter filter) {
            double scale = (double) in / out;
            double stretch = Math.max(scale, 1);
            double reach = filter.support * stretch;
            double centre = (index + 0.5) * scale;
            int first = Math.max((int) (centre - reach + 0.5), 0);
            int end = Math.min((int) (centre + reach + 0.5), in);
            double[] exact = new double[end - first];
            double total = 0;
            for (int j = 0; j < exact.length; j++) {
                exact[j] = filter.kernel.applyAsDouble((j + first - centre + 0.5) / stretch);
                total += exact[j];
            }
            int[] weights = new int[exact.length];
            for (int j = 0; j < weights.length; j++) {
                double scaled = exact[j] / total * (1 << FRACTION);
                weights[j] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            }
            return new Taps(first, weights);
        }
    }
}
