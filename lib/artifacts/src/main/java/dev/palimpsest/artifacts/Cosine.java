package dev.palimpsest.artifacts;

/** The cosine of the angle between two embeddings, summed in double precision. */
public final class Cosine {
    private Cosine() {}

    /** Of two embeddings {@code [d]}; NaN when one of them is 0. */
    public static double of(float[] a, float[] b) {
        return of(a, 0, b, 0, a.length);
    }

    /** Of {@code d} numbers from the given places: rows of matrices. */
    public static double of(float[] a, int fromA, float[] b, int fromB, int d) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int j = 0; j < d; j++) {
            double x = a[fromA + j];
            double y = b[fromB + j];
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        return ab / Math.sqrt(aa * bb);
    }
}
