package dev.palimpsest.invert.unclip;

/**
 * Antialiased bicubic enlargement with the kernel of Keys (1981), a = -1/2: pixel centres at i + 1/2, taps beyond the edge left out and
 * the rest rescaled to sum 1. What the super-resolution networks were trained behind.
 */
final class Bicubic {
    private Bicubic() {}

    /**
     * @param from pixels of a line
     * @param to at least as many
     * @return {@code [to, from]}, each row sums to 1
     */
    static double[][] matrix(int from, int to) {
        double ratio = (double) from / to;
        double[][] matrix = new double[to][from];
        for (int i = 0; i < to; i++) {
            double centre = ratio * (i + 0.5);
            int first = Math.max((int) (centre - 1.5), 0);
            int end = Math.min((int) (centre + 2.5), from);
            double sum = 0;
            for (int j = first; j < end; j++) {
                matrix[i][j] = kernel(j + 0.5 - centre);
                sum += matrix[i][j];
            }
            for (int j = first; j < end; j++) {
                matrix[i][j] /= sum;
            }
        }
        return matrix;
    }

    private static double kernel(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }

    /**
     * Enlarges squares.
     *
     * @param squares {@code [n, from, from]}
     * @return {@code [n, to, to]}, not clamped
     */
    static float[] enlarge(float[] squares, int from, int to) {
        double[][] matrix = matrix(from, to);
        int n = squares.length / (from * from);
        float[] enlarged = new float[n * to * to];
        for (int square = 0; square < n; square++) {
            // Rows first: [to, from], then columns.
            double[][] tall = new double[to][from];
            for (int i = 0; i < to; i++) {
                for (int j = 0; j < from; j++) {
                    double weight = matrix[i][j];
                    for (int column = 0; weight != 0 && column < from; column++) {
                        tall[i][column] += weight * squares[(square * from + j) * from + column];
                    }
                }
            }
            for (int i = 0; i < to; i++) {
                for (int column = 0; column < to; column++) {
                    double sum = 0;
                    for (int j = 0; j < from; j++) {
                        sum += matrix[column][j] * tall[i][j];
                    }
                    enlarged[(square * to + i) * to + column] = (float) sum;
                }
            }
        }
        return enlarged;
    }
}
