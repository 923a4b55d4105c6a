package dev.palimpsest.models;

/**
 * Resizes a grid of position embeddings to another number of patches: separable bicubic, {@code a = -0.75}, half-pixel centres, no
 * antialiasing, indices clamped at the edges, ratio from the two grid sizes. What DINOv2 does at every size it was not stored for.
 */
final class PositionGrid {
    private static final double A = -0.75;

    private PositionGrid() {}

    /**
     * Resizes.
     *
     * @param grid {@code [in, in, width]} row by row
     * @return {@code [out, out, width]}
     */
    static float[] resize(float[] grid, int in, int out, int width) {
        if (in == out) {
            return grid.clone();
        }
        double[] rows = new double[out * in * width];
        for (int y = 0; y < out; y++) {
            Taps taps = Taps.at(y, in, out);
            for (int k = 0; k < 4; k++) {
                int from = taps.index[k] * in * width;
                for (int i = 0; i < in * width; i++) {
                    rows[y * in * width + i] += taps.weight[k] * grid[from + i];
                }
            }
        }
        float[] resized = new float[out * out * width];
        for (int x = 0; x < out; x++) {
            Taps taps = Taps.at(x, in, out);
            for (int y = 0; y < out; y++) {
                for (int j = 0; j < width; j++) {
                    double sum = 0;
                    for (int k = 0; k < 4; k++) {
                        sum += taps.weight[k] * rows[(y * in + taps.index[k]) * width + j];
                    }
                    resized[(y * out + x) * width + j] = (float) sum;
                }
            }
        }
        return resized;
    }

    @SuppressWarnings("ArrayRecordComponent") // four numbers each, never compared
    private record Taps(int[] index, double[] weight) {
        static Taps at(int position, int in, int out) {
            double source = (position + 0.5) * in / out - 0.5;
            int floor = (int) Math.floor(source);
            double t = source - floor;
            int[] index = new int[4];
            for (int k = 0; k < 4; k++) {
                index[k] = Math.max(0, Math.min(in - 1, floor - 1 + k));
            }
            return new Taps(index, new double[] {far(1 + t), near(t), near(1 - t), far(2 - t)});
        }

        private static double near(double x) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }

        private static double far(double x) {
            return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
        }
    }
}
