package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Members of a head with one output, one by one and in closed form: no joint optimisation, nothing tuned per head.
 *
 * <p>The balanced rows are {@code Y = S^T M} ({@link GateSpace}). So the gate vector of a member, almost binary in R^h, lies in the
 * column space of Y whose dimension is far below h, and it is the half-space pattern of a point of the row space. {@link #start}
 * searches such points from thousands of starts; {@link #finish} chooses the patterns that together explain Y, solves for M, hence for
 * every x_j with its scale, adds the patterns of those x_j to the pool, and repeats.
 *
 * <p>Our own method. Nearest relatives: matrix factorisation with binary components (Slawski, Hein and Lutsik 2013) and SPEAR (Dimitrov
 * et al. 2024). Members whose gates agree on nearly all neurons can't be told apart by it; {@link NeuronDifferences} can.
 */
public final class GatePursuit {
    private static final String PATTERNS = "patterns";
    private static final List<GateRefiner.Schedule> SCHEDULES =
            List.of(GateRefiner.Schedule.CAREFUL, GateRefiner.Schedule.FAR);
    private static final double LIMIT = .35;
    private static final int ROUNDS = 12;
    private static final int START_POOL = 5_000;
    private static final int POOL = 8_000;
    private static final int REFINED = 2;
    /** Ridge of the solution, then those that only propose further patterns; the points of the first {@link #REFINED} are refined too. */
    private static final double[] RIDGES = {1e-3, 1e-2, 1e-1};
    /** A member whose own gates are the pattern it was found with, but for this share, is right far more often than not. */
    private static final double CONSISTENT = .05;

    private final Head head;
    private final RowSpace rows;
    private final int members;
    private final long seed;
    private final GateSpace space;
    private final GateRefiner refiner;
    private final ReducedHead reduced;

    /**
     * @param members how many to look for; never more than the rank of Y
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a head with several outputs
     */
    public GatePursuit(Head head, RowSpace rows, int members, Device device, long seed) {
        if (head.outputs() != 1) {
            throw new PalimpsestException(
                    ErrorCode.NOT_ATTACKABLE,
                    "Gate pursuit takes heads with one output, this one has " + head.outputs()
                            + ". Use neuron differences and the optimiser.");
        }
        this.head = head;
        this.rows = rows;
        this.seed = seed;
        this.space = new GateSpace(head, rows);
        this.members = Math.min(members, space.rank());
        this.refiner = new GateRefiner(space, device);
        this.reduced = new ReducedHead(head, rows);
    }

    /** How many members are looked for. */
    public int members() {
        return members;
    }

    /**
     * One unit of the search: starts {@code first} to {@code first + count} of {@code total}. Units are independent of each other.
     *
     * @return I64 {@code patterns [n, ceil(K / 64)]}, distinct and near the column space
     */
    public Map<String, Tensor> start(int first, int count, int total, Progress progress) {
        double[][] starts = starts(first, count, total);
        GatePatterns found = new GatePatterns(space.neurons());
        for (int s = 0; s < SCHEDULES.size(); s++) {
            long before = (long) s * count;
            addGates(
                    found,
                    refiner.refine(
                            starts,
                            SCHEDULES.get(s),
                            (done, of, text) -> progress.at(before + done, (long) SCHEDULES.size() * of, text)));
        }
        return Map.of(PATTERNS, found.distinct(START_POOL, LIMIT).toTensor());
    }

    /** Steps that {@link #start} does, summed over its starts. */
    static long steps(int starts) {
        return starts
                * SCHEDULES.stream().mapToLong(GateRefiner.Schedule::iterations).sum();
    }

    /** Short differences of two random neurons, shortest first, filled up with random points. */
    private double[][] starts(int first, int count, int total) {
        SplittableRandom random = new SplittableRandom(seed);
        int k = space.neurons();
        int[][] pairs = Stream.generate(() -> new int[] {random.nextInt(k), random.nextInt(k)})
                .limit(20L * total)
                .filter(pair -> pair[0] != pair[1])
                .toArray(int[][]::new);
        double[] length = Arrays.stream(pairs)
                .mapToDouble(pair -> RowSpace.norm(difference(pair), 0, space.r() + 1))
                .toArray();
        int[] order = IntStream.range(0, pairs.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> length[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[][] starts = new double[count][];
        SplittableRandom points = new SplittableRandom(seed + first);
        for (int i = 0; i < count; i++) {
            starts[i] =
                    first + i < order.length ? point(difference(pairs[order[first + i]])) : space.randomPoint(points);
        }
        return starts;
    }

    private double[] difference(int[] pair) {
        double[] difference = space.balanced()[pair[0]].clone();
        for (int c = 0; c < difference.length; c++) {
            difference[c] -= space.balanced()[pair[1]][c];
        }
        return difference;
    }

    private double[] point(double[] m) {
        double sign = Math.signum(m[space.r()]);
        return space.sized(
                Arrays.stream(m).limit(space.r()).map(value -> value * sign).toArray());
    }

    private void addGates(GatePatterns patterns, double[][] points) {
        for (double[] u : points) {
            long[] gates = space.gates(u);
            patterns.add(gates, space.misfit(gates));
        }
    }

    /** @param left share of Y unexplained; @param m {@code [n, r + 1]}; @param own share of gates that differ from the pattern */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Solution(double left, double[] m, double[] own) {}

    /**
     * The rounds over the pooled patterns of all units; the differences lend their patterns too.
     *
     * @param found what {@link #start} returned, in any number of units
     * @param differences candidates of {@link NeuronDifferences}; may be empty
     */
    Pursued finish(List<Map<String, Tensor>> found, Candidates differences, Progress progress) {
        GatePatterns all = new GatePatterns(space.neurons());
        addGates(all, pointsOf(differences));
        for (Map<String, Tensor> unit : found) {
            for (long[] pattern : GatePatterns.unpack(Candidates.required(unit, PATTERNS), space.neurons())) {
                all.add(pattern, space.misfit(pattern));
            }
        }
        GatePatterns pool = all.distinct(START_POOL, LIMIT);
        if (pool.size() == 0) {
            return new Pursued(Candidates.none(head.inputs()), 0);
        }
        PatternChoice choice = new PatternChoice(space.target());
        Solution best = new Solution(Double.POSITIVE_INFINITY, new double[0], new double[0]);
        long iterations = 0;
        for (int round = 0; round < ROUNDS; round++) {
            PatternChoice.Choice chosen = choice.choose(pool, members);
            double[][] patterns =
                    IntStream.of(chosen.chosen()).mapToObj(pool::row).toArray(double[][]::new);
            double[] m = space.solve(patterns, RIDGES[0]);
            if (chosen.left() < best.left - 1e-4) {
                best = new Solution(chosen.left(), m, inconsistency(pool, chosen.chosen(), m));
            }
            progress.at(round + 1, ROUNDS, "rounds of pursuit; unexplained %.3f".formatted(best.left));
            if (round < ROUNDS - 1) {
                pool = widened(pool, patterns);
                iterations += (long) REFINED * patterns.length * GateRefiner.Schedule.CAREFUL.iterations();
            }
        }
        return new Pursued(candidates(best), iterations);
    }

    private GatePatterns widened(GatePatterns pool, double[][] patterns) {
        GatePatterns wide = new GatePatterns(space.neurons());
        wide.addAll(pool);
        for (int i = 0; i < RIDGES.length; i++) {
            double[][] points = points(space.solve(patterns, RIDGES[i]));
            addGates(wide, points);
            if (i < REFINED) {
                double[][] sized = Arrays.stream(points).map(space::sized).toArray(double[][]::new);
                addGates(wide, refiner.refine(sized, GateRefiner.Schedule.CAREFUL, Progress.SILENT));
            }
        }
        return wide.distinct(POOL, LIMIT);
    }

    private double[][] pointsOf(Candidates candidates) {
        double[] x = new double[candidates.x().length];
        Arrays.setAll(x, i -> candidates.x()[i]);
        double[] u = rows.coordinates(x, candidates.n());
        double[][] points = new double[candidates.n()][];
        Arrays.setAll(points, i -> Arrays.copyOfRange(u, i * space.r(), (i + 1) * space.r()));
        return points;
    }

    /** Rows of M to points: without the bias coordinate, divided by it. */
    private double[][] points(double[] m) {
        int r = space.r();
        double[][] points = new double[m.length / (r + 1)][r];
        for (int i = 0; i < points.length; i++) {
            double bias = m[i * (r + 1) + r];
            double divisor = Math.abs(bias) < 1e-9 ? 1e-9 : bias;
            for (int c = 0; c < r; c++) {
                points[i][c] = m[i * (r + 1) + c] / divisor;
            }
        }
        return points;
    }

    private double[] inconsistency(GatePatterns pool, int[] chosen, double[] m) {
        double[][] points = points(m);
        double[] own = new double[chosen.length];
        double neurons = space.neurons();
        Arrays.setAll(own, i -> GatePatterns.difference(space.gates(points[i]), pool.bits(chosen[i])) / neurons);
        return own;
    }

    private Candidates candidates(Solution solution) {
        double[][] points = points(solution.m);
        int n = points.length;
        int r = space.r();
        double[] flat = new double[n * r];
        double[] multiplier = new double[n];
        int[] label = new int[n];
        double[] score = new double[n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(points[i], 0, flat, i * r, r);
            multiplier[i] = Math.abs(solution.m[i * (r + 1) + r]);
            label[i] = reduced.answer(points[i]).label();
            score[i] = (solution.own[i] < CONSISTENT ? 3 : 1) - solution.own[i];
        }
        Candidates found = new Candidates(n, head.inputs(), rows.lift(flat, n), new int[n], multiplier, label, score);
        return Candidates.ranked(head.inputs(), List.of(found));
    }
}
