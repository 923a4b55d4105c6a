package dev.palimpsest.gateway.compare;

/**
 * How much larger a number of one audit is than of another, with a 95 % interval.
 *
 * @param value 0 when they are equal
 * @param low end of the interval; likewise {@code high}. An interval that holds 0 says that chance may be all of it
 */
public record Difference(double value, double low, double high) {
    /** 97.5 % of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /**
     * Of two shares {@code k/n}, each of its own samples: the hybrid score interval, method 10 of R. Newcombe, "Interval estimation for the
     * difference between independent proportions", Statistics in Medicine 17 (1998), which is made from Wilson's interval of each.
     */
    static Difference ofShares(double k, double n, double baseK, double baseN) {
        double p = k / n;
        double base = baseK / baseN;
        double[] mine = wilson(p, n);
        double[] theirs = wilson(base, baseN);
        double value = p - base;
        return new Difference(
                value,
                value - Math.hypot(p - mine[0], theirs[1] - base),
                value + Math.hypot(mine[1] - p, base - theirs[0]));
    }

    /**
     * Of two areas under the ROC curve, each with the standard error of J. Hanley and B. McNeil, "The meaning and use of the area under a
     * receiver operating characteristic (ROC) curve", Radiology 143 (1982), equations 1 and 2.
     */
    static Difference ofAreas(double area, int members, int controls, double base, int baseMembers, int baseControls) {
        double error = Math.hypot(areaError(area, members, controls), areaError(base, baseMembers, baseControls));
        double value = area - base;
        return new Difference(value, value - Z * error, value + Z * error);
    }

    private static double areaError(double area, int members, int controls) {
        double q1 = area / (2 - area);
        double q2 = 2 * area * area / (1 + area);
        double variance = (area * (1 - area) + (members - 1) * (q1 - area * area) + (controls - 1) * (q2 - area * area))
                / ((double) members * controls);
        return Math.sqrt(Math.max(0, variance));
    }

    private static double[] wilson(double p, double n) {
        double z2 = Z * Z / n;
        double centre = (p + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.sqrt(p * (1 - p) / n + z2 / (4 * n));
        return new double[] {Math.max(0, centre - half), Math.min(1, centre + half)};
    }
}
