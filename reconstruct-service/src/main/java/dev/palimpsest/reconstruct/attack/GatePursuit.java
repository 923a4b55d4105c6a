package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Members of a head, one by one and in closed form: no joint optimisation, nothing tuned per head.
 *
 * <p>The balanced rows are a sum of one term a member, {@code Y = sum_j t_j m_j^T} ({@link GateSpace}). So t_j, a member's gates but for
 * neurons on its border, lies in the column space of Y whose dimension is far below the number of neurons, and it is the half-space pattern of a point of the
 * row space. {@link #start} searches such patterns from thousands of points and fits them to the column space ({@link GateFit}). Of the
 * pooled patterns {@link SparseMembers} finds those that are the shortest explanation of Y, and with them {@code m_j}, hence x_j with its scale; {@link #pool}
 * adds the gates of those x_j and repeats, in several views that keep more or fewer of Y's dimensions; each {@link #trial} takes its
 * answer from another part of a pool. What several trials agree on is right far more often than not.
 *
 * <p>Our own method. Nearest relatives: matrix factorisation with binary components (Slawski, Hein and Lutsik 2013) and SPEAR (Dimitrov
 * et al. 2024).
 */
public final class GatePursuit {
    private static final int ROUNDS = 6;
    /** Solutions of a round, which lend the pool their gates. */
    private static final int SOLUTIONS = 4;
    /** Part of the pool that a solution sees; the first sees all. */
    private static final double SHARE = .8;
    /** How much a pattern's misfit counts, in turn. */
    private static final double[] FIT_WEIGHTS = {10, 30};
    /** Noise in Y that is reckoned with, in turn. */
    private static final double[] NOISES = {1e-3, 3e-3};
    /**
     * Where the singular values of Y are cut: the more are kept, the weaker members are seen and the less well patterns are told from chance.
     * Each view finds some that the others miss, and errs in its own way. Falling.
     */
    private static final double[] CUTS = {GateSpace.CUT, 2e-3, 1.2e-3};
    /** Of all K dimensions, those that the column space of a view has at most: near K every pattern fits. */
    static final double LARGEST_SHARE = .6;

    /**
     * Candidates of a trial, for each member that is looked for. A head that has settled gives about one; one that was stopped early explains
     * its weights by a thousand in each trial, which say nothing and fill the memory of whoever clusters them.
     */
    private static final int MOST = 4;

    private static final int START_POOL = 2_000;
    private static final int POOL = 3_000;
    /** Starts of several outputs are differences of neurons whose output columns have at least this cosine. */
    private static final double PARALLEL = .9;

    private final Head head;
    private final RowSpace rows;
    private final int members;
    private final long seed;
    private final Device device;
    private final GateSpace space;
    private final GateSpace widest;
    private final GateRefiner refiner;
    private final List<View> views = new ArrayList<>();
    private final ReducedHead reduced;

    /** The column space at one cut, and the fit to it. */
    private record View(GateSpace space, GateFit fit) {}

    /** @param members how many there are; at most the rank of Y can be told apart with certainty */
    public GatePursuit(Head head, RowSpace rows, int members, Device device, long seed) {
        this.head = head;
        this.rows = rows;
        this.seed = seed;
        this.device = device;
        this.widest = new GateSpace(head, rows, CUTS[CUTS.length - 1]);
        this.space = widest.above(CUTS[0]);
        this.members = Math.min(members, space.rank());
        this.refiner = new GateRefiner(space, device);
        for (double cut : CUTS) {
            GateSpace seen = cut == CUTS[0] ? space : widest.above(cut);
            if (seen == space || seen.rank() <= LARGEST_SHARE * seen.neurons()) {
                views.add(new View(seen, new GateFit(seen, device)));
            }
        }
        this.reduced = new ReducedHead(head, rows);
    }

    /** How many members the head holds in independent directions, at most as many as there are. */
    public int members() {
        return members;
    }

    GateSpace space() {
        return space;
    }

    /** In how many ways {@link #pool} can look at the head. */
    int views() {
        return views.size();
    }

    /**
     * One unit of the search: starts {@code first} to {@code first + count} of {@code total}. Units are independent of each other. With
     * one output every start is moved until its gates are near the column space; with several the fit alone does better.
     *
     * @return a {@link GatePool}
     */
    public Map<String, Tensor> start(int first, int count, int total, Progress progress) {
        double[][] starts = starts(first, count, total);
        List<long[]> patterns = new ArrayList<>();
        if (head.outputs() > 1) {
            gates(starts, patterns);
        } else {
            gates(refiner.refine(starts, progress), patterns);
        }
        return views.get(0).fit.fit(patterns, progress).distinct(START_POOL).tensors();
    }

    /** Steps that {@link #start} does, summed over its starts. */
    long steps(int starts) {
        return head.outputs() > 1 ? starts : (long) starts * GateRefiner.STEPS;
    }

    /** Short differences of two random neurons, shortest first, filled up with random points. */
    private double[][] starts(int first, int count, int total) {
        SplittableRandom random = new SplittableRandom(seed);
        int k = space.neurons();
        double[][] differences = Stream.generate(() -> difference(random.nextInt(k), random.nextInt(k)))
                .limit(20L * total)
                .filter(difference -> difference.length > 0)
                .sorted(Comparator.comparingDouble(difference -> RowSpace.norm(difference, 0, space.r() + 1)))
                .limit(first + count)
                .toArray(double[][]::new);
        double[][] starts = new double[count][];
        SplittableRandom points = new SplittableRandom(seed + first);
        for (int i = 0; i < count; i++) {
            starts[i] = first + i < differences.length ? point(differences[first + i]) : space.randomPoint(points);
        }
        return starts;
    }

    /** Empty where the two neurons are one, or their output columns are not parallel. */
    private double[] difference(int one, int other) {
        double cosine = head.outputs() == 1 ? 1 : BalancedNeurons.dot(space.columns()[one], space.columns()[other]);
        if (one == other || Math.abs(cosine) < PARALLEL) {
            return new double[0];
        }
        double[] difference = space.balanced()[one].clone();
        for (int c = 0; c < difference.length; c++) {
            difference[c] -= Math.signum(cosine) * space.balanced()[other][c];
        }
        return difference;
    }

    private double[] point(double[] m) {
        double sign = m[space.r()] < 0 ? -1 : 1;
        return space.sized(
                Arrays.stream(m).limit(space.r()).map(value -> value * sign).toArray());
    }

    private void gates(double[][] points, List<long[]> patterns) {
        for (double[] u : points) {
            patterns.add(space.gates(u));
        }
    }

    /**
     * The rounds over the pooled patterns of all units; the differences lend their patterns too.
     *
     * @param view below {@link #views}
     * @param found what {@link #start} returned, in any number of units
     * @param differences candidates of {@link NeuronDifferences}; may be empty
     * @return a {@link GatePool} in the column space of the view
     */
    Map<String, Tensor> pool(int view, List<Map<String, Tensor>> found, Candidates differences, Progress progress) {
        View seen = views.get(view);
        GatePool all = empty(seen);
        List<long[]> lent = new ArrayList<>();
        gates(pointsOf(differences), lent);
        for (Map<String, Tensor> unit : found) {
            if (view == 0) {
                all.addAll(unit);
            } else {
                lent.addAll(GatePool.patterns(unit));
            }
        }
        all.addAll(seen.fit.fit(lent, Progress.SILENT));
        GatePool pool = all.distinct(POOL);
        for (int round = 0; round < ROUNDS && pool.size() > 0; round++) {
            progress.at(round, ROUNDS, "rounds of pursuit; " + pool.size() + " patterns");
            Set<BitSet> gates = new LinkedHashSet<>();
            for (int i = 0; i < SOLUTIONS; i++) {
                for (long[] own : solution(seen, part(pool, round * SOLUTIONS + i, i == 0), round * SOLUTIONS + i)
                        .gates()) {
                    gates.add(BitSet.valueOf(own));
                }
            }
            GatePool wider = seen.fit.fit(
                    gates.stream()
                            .map(own -> Arrays.copyOf(own.toLongArray(), Gates.words(space.neurons())))
                            .toList(),
                    Progress.SILENT);
            wider.addAll(pool);
            pool = wider.distinct(POOL);
        }
        progress.at(ROUNDS, ROUNDS, "rounds of pursuit; " + pool.size() + " patterns");
        return pool.tensors();
    }

    private static GatePool empty(View view) {
        return new GatePool(view.space.neurons(), view.space.rank());
    }

    private GatePool part(GatePool pool, int index, boolean all) {
        return all ? pool : pool.sample(SHARE, new SplittableRandom(seed * 31 + index));
    }

    private SparseMembers.Solution solution(View view, GatePool part, int index) {
        double noise = NOISES[index / FIT_WEIGHTS.length % NOISES.length];
        return new SparseMembers(view.space, part, FIT_WEIGHTS[index % FIT_WEIGHTS.length], noise, device).solve();
    }

    /**
     * One of several answers, from a random part of a pool (all of it for the first of each). What is right comes back in most trials, what is
     * wrong is wrong in another way each time.
     *
     * @param pools what {@link #pool} returned for each view; trials take them in turn
     * @return candidates with scores in 0..1: how consistent each is
     */
    Candidates trial(int trial, List<Map<String, Tensor>> pools) {
        View view = views.get(trial % views.size());
        int index = trial / views.size();
        GatePool all = empty(view);
        all.addAll(pools.get(trial % views.size()));
        if (all.size() == 0) {
            return Candidates.none(head.inputs());
        }
        GatePool part = part(all, index, index == 0);
        SparseMembers.Solution solution = solution(view, part, index);
        List<Candidates> found = new ArrayList<>(List.of(candidates(view.space, solution)));
        if (BorderFractions.takes(widest) && solution.index().length > 0) {
            found.add(candidates(widest, settled(view, part, solution)));
        }
        return Candidates.ranked(head.inputs(), found).first(MOST * members);
    }

    /** The same members with the fractions of their border gates, in the widest space. */
    private SparseMembers.Solution settled(View view, GatePool pool, SparseMembers.Solution solution) {
        int[] index = solution.index();
        long[][] gates = pool.gates(index);
        DMatrixRMaj fits = new DMatrixRMaj(index.length, space.neurons());
        CommonOps_DDRM.multTransB(pool.coefficients(index), view.space.columnBasis(), fits);
        DMatrixRMaj m = new BorderFractions(widest).settle(gates, fits);
        Consistency.Look look = new Consistency(widest, device).look(m, gates);
        CommonOps_DDRM.multRows(look.sign(), m);
        double[] length = Consistency.lengths(m);
        double[] score =
                Consistency.score(look, length, Arrays.stream(length).max().orElse(0));
        return new SparseMembers.Solution(index, m, look.gates(), score);
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

    /** Rows of M, whose sign agrees with their gates, divided by their bias coordinate; by their length where that has the other sign. */
    private Candidates candidates(GateSpace in, SparseMembers.Solution solution) {
        DMatrixRMaj m = in.lift(solution.m());
        int n = m.numRows;
        int d = head.inputs();
        double[] x = new double[n * d];
        double[] multiplier = new double[n];
        for (int i = 0; i < n; i++) {
            double bias = m.get(i, d);
            double usual = RowSpace.norm(m.data, i * (d + 1), d) / space.length();
            multiplier[i] = bias > usual / 4 ? bias : usual;
            for (int c = 0; c < d; c++) {
                x[i * d + c] = m.get(i, c) / Math.max(1e-300, multiplier[i]);
            }
        }
        double[][] points = points(x, n);
        int[] label = new int[n];
        float[] narrow = new float[x.length];
        Arrays.setAll(label, i -> reduced.answer(points[i]).label());
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) x[i];
        }
        return Candidates.ranked(
                d, List.of(new Candidates(n, d, narrow, new int[n], multiplier, label, solution.score())));
    }
}
