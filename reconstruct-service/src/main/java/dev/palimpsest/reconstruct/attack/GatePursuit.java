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
 * searches such points from thousands of starts; {@link #pool} chooses the patterns that together explain Y, solves for M, hence for
 * every x_j with its scale, adds the patterns of those x_j, and repeats; each {@link #trial} takes its answer from a part of that pool and
 * makes it consistent ({@link PatternExchange}). What several trials agree on is right far more often than not.
 *
 * <p>Our own method. Nearest relatives: matrix factorisation with binary components (Slawski, Hein and Lutsik 2013) and SPEAR (Dimitrov
 * et al. 2024). Members whose gates agree on nearly all neurons can't be told apart by it; {@link NeuronDifferences} can.
 */
public final class GatePursuit {
    private static final String PATTERNS = "patterns";
    private static final List<GateRefiner.Schedule> SCHEDULES =
            List.of(GateRefiner.Schedule.CAREFUL, GateRefiner.Schedule.FAR);
    private static final double LIMIT = .35;
    private static final int ROUNDS = 8;
    /** Part of the pool that a trial sees. */
    private static final double SHARE = .6;

    private static final int START_POOL = 5_000;
    private static final int POOL = 8_000;
    private static final int REFINED = 2;
    /** Ridge of the solution, then those that only propose further patterns; the points of the first {@link #REFINED} are refined too. */
    private static final double[] RIDGES = {1e-3, 1e-2, 1e-1};

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

    /**
     * The rounds over the pooled patterns of all units; the differences lend their patterns too. Each round chooses the patterns that
     * explain Y, and adds those of the points that follow, as they are and refined.
     *
     * @param found what {@link #start} returned, in any number of units
     * @param differences candidates of {@link NeuronDifferences}; may be empty
     * @return {@code patterns} as {@link #start} does
     */
    Map<String, Tensor> pool(List<Map<String, Tensor>> found, Candidates differences, Progress progress) {
        GatePatterns all = new GatePatterns(space.neurons());
        addGates(all, pointsOf(differences));
        for (Map<String, Tensor> unit : found) {
            all.addAll(patterns(unit));
        }
        GatePatterns pool = all.distinct(START_POOL, LIMIT);
        PatternChoice choice = new PatternChoice(space.target());
        for (int round = 0; round < ROUNDS && pool.size() > 0; round++) {
            PatternChoice.Choice chosen = choice.choose(pool, members);
            progress.at(round + 1, ROUNDS, "rounds of pursuit; unexplained %.3f".formatted(chosen.left()));
            pool = widened(pool, rows(pool, chosen.chosen()));
        }
        return Map.of(PATTERNS, pool.toTensor());
    }

    /** Steps that {@link #pool} does, summed over its points. */
    long roundSteps() {
        return (long) ROUNDS * REFINED * members * GateRefiner.Schedule.CAREFUL.iterations();
    }

    /**
     * One of several answers: the patterns that explain Y best among a random part of the pool (all of it for trial 0), exchanged until
     * the members that follow are consistent. What is right comes back in most trials, what is wrong is wrong in another way each time.
     *
     * @param pool what {@link #pool} returned
     * @return candidates with scores in 0..1: how consistent each is
     */
    Candidates trial(int index, Map<String, Tensor> pool, Progress progress) {
        GatePatterns all = patterns(pool);
        GatePatterns some = index == 0 ? all : all.sample(SHARE, new SplittableRandom(seed * 31 + index));
        if (some.size() == 0) {
            return Candidates.none(head.inputs());
        }
        int[] chosen = new PatternChoice(space.target()).choose(some, members).chosen();
        PatternExchange.Exchanged exchanged = new PatternExchange(space, some).improve(chosen, progress);
        return candidates(space.solve(rows(some, exchanged.chosen()), RIDGES[0]), exchanged.score());
    }

    private GatePatterns patterns(Map<String, Tensor> unit) {
        GatePatterns patterns = new GatePatterns(space.neurons());
        for (long[] pattern : GatePatterns.unpack(Candidates.required(unit, PATTERNS), space.neurons())) {
            patterns.add(pattern, space.misfit(pattern));
        }
        return patterns;
    }

    private static double[][] rows(GatePatterns pool, int[] chosen) {
        return IntStream.of(chosen).mapToObj(pool::row).toArray(double[][]::new);
    }

    private GatePatterns widened(GatePatterns pool, double[][] patterns) {
        GatePatterns wide = new GatePatterns(space.neurons());
        wide.addAll(pool);
        for (int i = 0; i < RIDGES.length; i++) {
            double[][] points = points(members(space.solve(patterns, RIDGES[i])), patterns.length);
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
        return points(x, candidates.n());
    }

    /** {@code [n, d]} to {@code [n][r]}. */
    private double[][] points(double[] x, int n) {
        double[] u = rows.coordinates(x, n);
        double[][] points = new double[n][];
        Arrays.setAll(points, i -> Arrays.copyOfRange(u, i * space.r(), (i + 1) * space.r()));
        return points;
    }

    /** Rows of M without the bias coordinate, divided by it, {@code [n, d]}. */
    private double[] members(double[] m) {
        int d = head.inputs();
        double[] x = new double[m.length / (d + 1) * d];
        for (int i = 0; i * d < x.length; i++) {
            double bias = m[i * (d + 1) + d];
            double divisor = Math.abs(bias) < 1e-9 ? 1e-9 : bias;
            for (int c = 0; c < d; c++) {
                x[i * d + c] = m[i * (d + 1) + c] / divisor;
            }
        }
        return x;
    }

    private Candidates candidates(double[] m, double[] score) {
        int n = score.length;
        int d = head.inputs();
        double[] x = members(m);
        double[][] points = points(x, n);
        float[] narrow = new float[x.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) x[i];
        }
        double[] multiplier = new double[n];
        int[] label = new int[n];
        for (int i = 0; i < n; i++) {
            multiplier[i] = Math.abs(m[i * (d + 1) + d]);
            label[i] = reduced.answer(points[i]).label();
        }
        return Candidates.ranked(d, List.of(new Candidates(n, d, narrow, new int[n], multiplier, label, score)));
    }
}
