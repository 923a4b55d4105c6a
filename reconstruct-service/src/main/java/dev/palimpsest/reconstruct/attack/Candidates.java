package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What an attack proposes as members, best first.
 *
 * @param n number of candidates
 * @param d width of an embedding
 * @param x {@code [n, d]} row by row, in the normalised space that the head sees
 * @param trial {@code [n]} which independent search found it; agreement of several is evidence
 * @param multiplier {@code [n]} the candidate's multiplier lambda, at least 0
 * @param label {@code [n]} class index; for one output 1 where the logit is positive, else 0
 * @param score {@code [n]} never rising; comparable between the methods of one attack, not between heads
 */
@SuppressWarnings("ArrayRecordComponent") // thousands of numbers, compared by nobody
public record Candidates(int n, int d, float[] x, int[] trial, double[] multiplier, int[] label, double[] score) {

    /** Checks that the lengths agree. */
    public Candidates {
        if (x.length != n * d
                || trial.length != n
                || multiplier.length != n
                || label.length != n
                || score.length != n) {
            throw new IllegalArgumentException("Candidates: expected " + n + " rows of " + d + ", found " + x.length
                    + " numbers, " + trial.length + " trials, " + multiplier.length + " multipliers, " + label.length
                    + " labels, " + score.length + " scores");
        }
    }

    static Candidates none(int d) {
        return new Candidates(0, d, new float[0], new int[0], new double[0], new int[0], new double[0]);
    }

    /** The candidates of all parts together, by falling score; equal scores keep their order. */
    static Candidates ranked(int d, List<Candidates> parts) {
        int n = parts.stream().mapToInt(Candidates::n).sum();
        float[] x = new float[n * d];
        int[] trial = new int[n];
        int[] label = new int[n];
        double[] multiplier = new double[n];
        double[] score = new double[n];
        int at = 0;
        for (Candidates part : parts) {
            System.arraycopy(part.x, 0, x, at * d, part.x.length);
            System.arraycopy(part.trial, 0, trial, at, part.n);
            System.arraycopy(part.label, 0, label, at, part.n);
            System.arraycopy(part.multiplier, 0, multiplier, at, part.n);
            System.arraycopy(part.score, 0, score, at, part.n);
            at += part.n;
        }
        return new Candidates(n, d, x, trial, multiplier, label, score).byScore();
    }

    private Candidates byScore() {
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> score[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        float[] rows = new float[x.length];
        for (int i = 0; i < n; i++) {
            System.arraycopy(x, order[i] * d, rows, i * d, d);
        }
        return new Candidates(
                n,
                d,
                rows,
                IntStream.of(order).map(i -> trial[i]).toArray(),
                IntStream.of(order).mapToDouble(i -> multiplier[i]).toArray(),
                IntStream.of(order).map(i -> label[i]).toArray(),
                IntStream.of(order).mapToDouble(i -> score[i]).toArray());
    }

    /** The best of them, at most so many. */
    Candidates first(int most) {
        int k = Math.min(n, most);
        return new Candidates(
                k,
                d,
                Arrays.copyOf(x, k * d),
                Arrays.copyOf(trial, k),
                Arrays.copyOf(multiplier, k),
                Arrays.copyOf(label, k),
                Arrays.copyOf(score, k));
    }

    /** The same candidates with the scores squeezed into {@code (low, high]} by rank. */
    Candidates placed(double low, double high) {
        double[] scores = IntStream.range(0, n)
                .mapToDouble(i -> high - (high - low) * i / n)
                .toArray();
        return new Candidates(n, d, x, trial, multiplier, label, scores);
    }

    /** The same candidates, all with one score. */
    Candidates scored(double each) {
        double[] scores = new double[n];
        Arrays.fill(scores, each);
        return new Candidates(n, d, x, trial, multiplier, label, scores);
    }

    /** The same candidates, all of one trial. */
    Candidates withTrial(int number) {
        int[] trials = new int[n];
        Arrays.fill(trials, number);
        return new Candidates(n, d, x, trials, multiplier, label, score);
    }

    /** Candidate i, {@code [d]}. */
    public float[] row(int i) {
        return Arrays.copyOfRange(x, i * d, (i + 1) * d);
    }

    /** As tensors {@code x [n, d]}, {@code trial}, {@code multiplier}, {@code label} and {@code score [n]}. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("x", Tensor.ofFloats(x, n, d));
        tensors.put("trial", Tensor.ofInts(trial, n));
        tensors.put("multiplier", Tensor.ofDoubles(multiplier, n));
        tensors.put("label", Tensor.ofInts(label, n));
        tensors.put("score", Tensor.ofDoubles(score, n));
        return tensors;
    }

    /** The inverse of {@link #tensors}. */
    public static Candidates of(Map<String, Tensor> tensors) {
        Tensor x = required(tensors, "x");
        return new Candidates(
                (int) x.shape()[0],
                (int) x.shape()[1],
                x.toFloats(),
                required(tensors, "trial").toInts(),
                required(tensors, "multiplier").toDoubles(),
                required(tensors, "label").toInts(),
                required(tensors, "score").toDoubles());
    }

    static Tensor required(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("No tensor '" + name + "' among " + tensors.keySet());
        }
        return tensor;
    }
}
