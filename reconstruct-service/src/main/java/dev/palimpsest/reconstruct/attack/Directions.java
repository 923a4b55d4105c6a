package dev.palimpsest.reconstruct.attack;

/** Cosines between many points, stored by coordinate so that the inner loop runs over neighbouring numbers. */
final class Directions {
    private final int n;
    private final float[][] coordinates;

    /** {@code points [n, r]}. */
    Directions(double[][] points) {
        n = points.length;
        int r = n == 0 ? 0 : points[0].length;
        coordinates = new float[r][n];
        for (int k = 0; k < n; k++) {
            double length = Math.max(1e-12, RowSpace.norm(points[k], 0, r));
            for (int c = 0; c < r; c++) {
                coordinates[c][k] = (float) (points[k][c] / length);
            }
        }
    }

    /** Cosine of point k with every point from {@code from} on, {@code [n]}; 0 before. */
    float[] cosines(int k, int from) {
        float[] cosine = new float[n];
        for (float[] coordinate : coordinates) {
            float factor = coordinate[k];
            for (int o = from; o < n; o++) {
                cosine[o] += factor * coordinate[o];
            }
        }
        return cosine;
    }
}
