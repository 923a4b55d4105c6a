package dev.palimpsest.models;

/**
 * Resizes a grid of position embeddings to another number of patches: separable bicubic, half-pixel centres, ratio from the two grid
 * sizes.
 */
final class PositionGrid {
    /** The two interpolations that published networks use. */
    enum Method {
        /** {@code a = -0.75}, four samples whatever the ratio, indices clamped at the edges. */
        BICUBIC,
        /** {@code a = -0.5}, the kernel stretched when the grid shrinks, weights divided by their sum at the edges. */
        ANTIALIASED
    }

    private PositionGrid() {}

    /**
     * Resizes.
     *
     * @param grid {@code [in, in, width]} row by row
     * @return {@code [out, out, width]}
     */
    static float[] resize(float[] grid, int in, int out, int width, Method method) {
        if (in == out) {
            return grid.clone();
        }
        Taps[] taps = new Taps[out];
        for (int i = 0; i < out; i++) {
            taps[i] = method == Method.BICUBIC ? clamped(i, in, out) : antialiased(i, in, out);
        }
        double[] rows = new double[out * in * width];
        for (int y = 0; y < out; y++) {
            for (int k = 0; k < taps[y].index.length; k++) {
                int from = taps[y].index[k] * in * width;
                for (int i = 0; i < in * width; i++) {
                    rows[y * in * width + i] += taps[y].weight[k] * grid[from + i];
                }
            }
        }
        float[] resized = new float[out * out * width];
        for (int x = 0; x < out; x++) {
            for (int y = 0; y < out; y++) {
                for (int j = 0; j < width; j++) {
                    double sum = 0;
                    for (int k = 0; k < taps[x].index.length; k++) {
                        sum += taps[x].weight[k] * rows[(y * in + taps[x].index[k]) * width + j];
                    }
                    resized[(y * out + x) * width + j] = (float) sum;
                }
            }
        }
        return resized;
    }

    private static Taps clamped(int position, int in, int out) {
        double source = (position + 0.5) * in / out - 0.5;
        int floor = (int) Math.floor(source);
        int[] index = new int[4];
        double[] weight = new double[4];
        for (int k = 0; k < 4; k++) {
            index[k] = Math.max(0, Math.min(in - 1, floor - 1 + k));
            weight[k] = cubic(floor - 1 + k - source, -0.75);
        }
        return new Taps(index, weight);
    }

    private static Taps antialiased(int position, int in, int out) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double centre = (position + 0.5) * scale;
        int first = Math.max((int) (centre - 2 * stretch + 0.5), 0);
        int end = Math.min((int) (centre + 2 * stretch + 0.5), in);
        int[] index = new int[end - first];
        double[] weight = new double[end - first];
        double total = 0;
        for (int k = 0; k < index.length; k++) {
            index[k] = first + k;
            weight[k] = cubic((first + k - centre + 0.5) / stretch, -0.5);
            total += weight[k];
        }
        for (int k = 0; k < weight.length; k++) {
            weight[k] /= total;
        }
        return new Taps(index, weight);
    }

    /** Keys' kernel. */
    private static double cubic(double at, double a) {
        double x = Math.abs(at);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }

    @SuppressWarnings("ArrayRecordComponent") // a few numbers each, never compared
    private record Taps(int[] index, double[] weight) {}
}
