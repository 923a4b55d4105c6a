package dev.palimpsest.reconstruct.attack;

/**
 * Singular values of a random matrix with independent entries of variance {@code 1 / longer side}: their squares lie between
 * {@code (1 - sqrt c)^2} and {@code (1 + sqrt c)^2}, c the shorter side over the longer, with density
 * {@code sqrt((b - t)(t - a)) / (2 pi c t)} (Marchenko and Pastur 1967).
 */
final class MarchenkoPastur {
    private static final int GRID = 20_000;

    private MarchenkoPastur() {}

    /**
     * The singular value below which the share p of them lies.
     *
     * @param c above 0, at most 1
     */
    static double quantile(double p, double c) {
        double a = (1 - Math.sqrt(c)) * (1 - Math.sqrt(c));
        double b = (1 + Math.sqrt(c)) * (1 + Math.sqrt(c));
        double below = 0;
        for (int i = 0; i < GRID; i++) {
            // Even steps of an angle: the density has square roots at both ends.
            double angle = Math.PI * (i + .5) / GRID;
            double t = a + (b - a) * (1 - Math.cos(angle)) / 2;
            double width = (b - a) * Math.sin(angle) / 2 * Math.PI / GRID;
            below += Math.sqrt((b - t) * (t - a)) / (2 * Math.PI * c * t) * width;
            if (below >= p) {
                return Math.sqrt(t);
            }
        }
        return Math.sqrt(b);
    }
}
