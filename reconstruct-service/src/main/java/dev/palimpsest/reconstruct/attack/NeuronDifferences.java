package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Members from the differences of two neurons, without optimisation and without looking at a member.
 *
 * <p>Two balanced neurons whose gates disagree on member j only differ by {@code lambda_j y_j [x_j, 1]}; dividing by the bias
 * coordinate gives x_j with its scale. Of all pairs the true ones are told by: a short difference; the candidate's own gate is open in
 * exactly one of the two neurons; its sign agrees with the head's answer on it; its bias coordinate is near the multiplier
 * {@code sigma(-y phi) / (n wd)} that the candidate implies; several pairs agree on it. Several outputs: only neurons whose output
 * columns have cosine above .95 are compared.
 *
 * <p>Our own method (docs: the attack, neuron differences). Complexity {@code h^2 r} for the pairs and {@code pool^2 r} for the support.
 * No randomness.
 */
public final class NeuronDifferences {
    private static final double SAME_NEURON = .999;
    private static final double SAME_COLUMN = .95;
    private static final int PAIRS = 60_000;
    private static final int POOL = 8_000;
    /** Shortest consistent differences that vote on n wd, and how few of them are no vote. */
    private static final int VOTERS = 2_000;

    private static final int QUORUM = 50;
    private static final double BIN = .25;
    private static final int RESAMPLES = 200;

    private final Head head;
    private final RowSpace space;
    private final List<Difference> consistent;

    /**
     * One difference that passed every test but that of the multiplier.
     *
     * @param u {@code [r]} the candidate in row-space coordinates
     * @param rho log of bias coordinate over implied multiplier; -log(n wd) for a member at stationarity
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Difference(int i, int j, double length, double[] u, double rho, ReducedHead.Answer answer) {}

    public NeuronDifferences(Head head, RowSpace space) {
        this.head = head;
        this.space = space;
        this.consistent = consistent();
    }

    /**
     * The differences that look like members.
     *
     * @param members how many to look for at most
     * @param nTimesWeightDecay members times weight decay of the training, above 0
     * @return best first; the score is the logarithm of support over squared length
     */
    public static Candidates find(Head head, int members, double nTimesWeightDecay) {
        return new NeuronDifferences(head, RowSpace.of(head)).find(members, nTimesWeightDecay);
    }

    /**
     * n wd as the shortest differences have it: rho of members peaks near -log(n wd), while that of chance differences is spread. How
     * sure: the same from resampled differences (80 % of {@value #RESAMPLES} resamples).
     *
     * @return null where too few differences are consistent
     */
    public @Nullable Estimate decay() {
        double[] rho = consistent.stream()
                .limit(VOTERS)
                .mapToDouble(Difference::rho)
                .filter(Double::isFinite)
                .toArray();
        if (rho.length < QUORUM) {
            return null;
        }
        SplittableRandom random = new SplittableRandom(0);
        double[] again = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            again[i] = Math.exp(-mode(random.ints(rho.length, 0, rho.length)
                    .mapToDouble(k -> rho[k])
                    .toArray()));
        }
        Arrays.sort(again);
        double low = again[RESAMPLES / 10];
        double high = again[RESAMPLES - 1 - RESAMPLES / 10];
        boolean good = high < 2 * low;
        return new Estimate(
                Math.exp(-mode(rho)),
                low,
                high,
                good ? "good" : "rough",
                good
                        ? "Most short differences of neurons imply it."
                        : "The differences of neurons do not agree on it: few of them are members.");
    }

    /** Middle of the fullest interval of length {@link #BIN}. */
    private static double mode(double[] rho) {
        double[] sorted = rho.clone();
        Arrays.sort(sorted);
        int most = 0;
        double mode = 0;
        for (int first = 0, last = 0; first < sorted.length; first++) {
            while (last < sorted.length && sorted[last] < sorted[first] + BIN) {
                last++;
            }
            if (last - first > most) {
                most = last - first;
                mode = sorted[first + most / 2];
            }
        }
        return mode;
    }

    /** See {@link #find(Head, int, double)}. */
    public Candidates find(int members, double nTimesWeightDecay) {
        double stationary = -Math.log(nTimesWeightDecay);
        List<Difference> pool = consistent.stream()
                .filter(d -> d.rho > stationary - 2.3 && d.rho < stationary + .6)
                .limit(POOL)
                .toList();
        if (pool.isEmpty()) {
            return Candidates.none(head.inputs());
        }
        Directions directions = new Directions(pool.stream().map(Difference::u).toArray(double[][]::new));
        int[] support = support(pool, directions);
        double[] score = new double[pool.size()];
        double[] favoured = new double[pool.size()];
        for (int k = 0; k < score.length; k++) {
            score[k] = Math.log(support[k]) - 2 * Math.log(pool.get(k).length);
            favoured[k] = score[k] + (support[k] < 2 ? 0 : head.outputs() > 1 ? 3 : 1);
        }
        boolean[] alive = new boolean[score.length];
        Arrays.fill(alive, true);
        List<Integer> picked = new ArrayList<>();
        // The first fifth prefers what several pairs agree on, the rest is by score.
        pick(picked, alive, favoured, members / 5, directions);
        pick(picked, alive, score, members, directions);
        return candidates(pool, picked, score, nTimesWeightDecay);
    }

    private static void pick(List<Integer> picked, boolean[] alive, double[] score, int most, Directions directions) {
        int[] order = IntStream.range(0, score.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -score[k]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int k : order) {
            if (picked.size() >= most) {
                return;
            }
            if (alive[k]) {
                picked.add(k);
                float[] cosine = directions.cosines(k, 0);
                for (int o = 0; o < alive.length; o++) {
                    alive[o] &= cosine[o] <= .9;
                }
                alive[k] = false;
            }
        }
    }

    private static int[] support(List<Difference> pool, Directions directions) {
        List<Set<Integer>> left = new ArrayList<>();
        List<Set<Integer>> right = new ArrayList<>();
        for (Difference difference : pool) {
            left.add(new HashSet<>(Set.of(difference.i)));
            right.add(new HashSet<>(Set.of(difference.j)));
        }
        for (int k = 0; k < pool.size(); k++) {
            float[] cosine = directions.cosines(k, k + 1);
            for (int o = k + 1; o < cosine.length; o++) {
                if (cosine[o] > .95) {
                    left.get(k).add(pool.get(o).i);
                    right.get(k).add(pool.get(o).j);
                    left.get(o).add(pool.get(k).i);
                    right.get(o).add(pool.get(k).j);
                }
            }
        }
        return IntStream.range(0, pool.size())
                .map(k -> Math.min(left.get(k).size(), right.get(k).size()))
                .toArray();
    }

    private Candidates candidates(List<Difference> pool, List<Integer> picked, double[] score, double nwd) {
        int n = picked.size();
        double[] u = new double[n * space.rank()];
        for (int k = 0; k < n; k++) {
            System.arraycopy(pool.get(picked.get(k)).u, 0, u, k * space.rank(), space.rank());
        }
        return new Candidates(
                n,
                head.inputs(),
                space.lift(u, n),
                new int[n],
                picked.stream()
                        .mapToDouble(k -> pool.get(k).answer.residual() / nwd)
                        .toArray(),
                picked.stream().mapToInt(k -> pool.get(k).answer.label()).toArray(),
                picked.stream().mapToDouble(k -> score[k]).toArray());
    }

    /** Shortest first. */
    private List<Difference> consistent() {
        BalancedNeurons neurons = BalancedNeurons.of(head, space).distinct(SAME_NEURON);
        ReducedHead reduced = new ReducedHead(head, space);
        List<Difference> found = new ArrayList<>();
        for (long pair : shortestPairs(neurons)) {
            int code = (int) pair;
            Difference difference = difference(neurons, reduced, code / neurons.count(), code % neurons.count());
            if (difference != null) {
                found.add(difference);
            }
        }
        return found;
    }

    /** Sorted keys: the length's float bits above, {@code i * K + j} below. */
    private static long[] shortestPairs(BalancedNeurons neurons) {
        int k = neurons.count();
        long[] keys = new long[k * (k - 1) / 2];
        int at = 0;
        for (int i = 0; i < k; i++) {
            for (int j = i + 1; j < k; j++) {
                if (neurons.side()[0].length == 1
                        || BalancedNeurons.dot(neurons.side()[i], neurons.side()[j]) > SAME_COLUMN) {
                    keys[at++] = (long) Float.floatToIntBits((float) length(neurons.rows()[i], neurons.rows()[j])) << 32
                            | (i * k + j);
                }
            }
        }
        Arrays.sort(keys, 0, at);
        return Arrays.copyOf(keys, Math.min(at, PAIRS));
    }

    private @Nullable Difference difference(BalancedNeurons neurons, ReducedHead reduced, int i, int j) {
        int r = space.rank();
        double[] a = neurons.rows()[i];
        double[] b = neurons.rows()[j];
        double bias = a[r] - b[r];
        if (Math.abs(bias) < 1e-12) {
            return null;
        }
        double[] u = new double[r];
        for (int c = 0; c < r; c++) {
            u[c] = (a[c] - b[c]) / bias;
        }
        // Z-scored members have a length near sqrt(d).
        double size = RowSpace.norm(u, 0, r) / Math.sqrt(head.inputs());
        if (size < .1 || size > 2) {
            return null;
        }
        boolean open = reduced.activation(neurons.index()[i], u) > 0;
        if (open == reduced.activation(neurons.index()[j], u) > 0) {
            return null;
        }
        ReducedHead.Answer answer = reduced.answer(u);
        double implied = answer.side()[0];
        if (head.outputs() > 1) {
            implied = (BalancedNeurons.dot(answer.side(), neurons.side()[i])
                            + BalancedNeurons.dot(answer.side(), neurons.side()[j]))
                    / 2;
        }
        if ((open ? 1 : -1) * implied * bias <= 0) {
            return null;
        }
        double rho = Math.log(Math.abs(bias) / Math.max(Math.abs(implied), 1e-12));
        return new Difference(i, j, length(a, b), u, rho, answer);
    }

    private static double length(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        }
        return Math.max(1e-6, Math.sqrt(sum));
    }
}
