package dev.palimpsest.reconstruct.attack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Greedy one-to-one matching of candidates to members. */
final class Matching {
    private Matching() {}

    private record Match(int member, int candidate, double cosine) {}

    static int matched(double[] members, int n, Candidates candidates, double above) {
        int d = candidates.d();
        List<Match> matches = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < candidates.n(); j++) {
                double cosine = cosine(members, i * d, candidates.x(), j * d, d);
                if (cosine > above) {
                    matches.add(new Match(i, j, cosine));
                }
            }
        }
        matches.sort(Comparator.comparingDouble(Match::cosine).reversed());
        boolean[] member = new boolean[n];
        boolean[] candidate = new boolean[candidates.n()];
        int count = 0;
        for (Match match : matches) {
            if (!member[match.member] && !candidate[match.candidate]) {
                member[match.member] = true;
                candidate[match.candidate] = true;
                count++;
            }
        }
        return count;
    }

    static double cosine(double[] a, int from, float[] b, int at, int d) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < d; i++) {
            dot += a[from + i] * b[at + i];
            aa += a[from + i] * a[from + i];
            bb += (double) b[at + i] * b[at + i];
        }
        return dot / Math.max(1e-300, Math.sqrt(aa * bb));
    }
}
