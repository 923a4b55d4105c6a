package dev.palimpsest.select.score;

import java.util.Arrays;

/** How well matched cosines tell members from controls. */
final class Discrimination {
    private Discrimination() {}

    /**
     * Share of members above the lowest threshold at which at most the share {@code fpr} of controls is above, both strictly. With fewer than
     * {@code 1 / fpr} controls the threshold is the best control.
     */
    static double tprAt(double fpr, double[] members, double[] controls) {
        double[] sorted = controls.clone();
        Arrays.sort(sorted);
        int allowed = (int) Math.floor(fpr * controls.length + 1e-9);
        if (allowed >= controls.length) {
            return 1;
        }
        double threshold = sorted[controls.length - 1 - allowed];
        return Arrays.stream(members).filter(m -> m > threshold).count() / (double) members.length;
    }

    /** Probability that a member's cosine is above a control's, a tie counting one half (Mann-Whitney). */
    static double auc(double[] members, double[] controls) {
        double[] sorted = controls.clone();
        Arrays.sort(sorted);
        double wins = 0;
        for (double m : members) {
            int below = lowerBound(sorted, m);
            int upTo = lowerBound(sorted, Math.nextUp(m));
            wins += below + 0.5 * (upTo - below);
        }
        return wins / ((double) members.length * controls.length);
    }

    /** How many of the sorted values are below {@code x}. */
    private static int lowerBound(double[] sorted, double x) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < x) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
