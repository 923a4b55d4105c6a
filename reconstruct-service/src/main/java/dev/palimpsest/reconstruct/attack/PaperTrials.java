package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * R trials of the attack as it was published, side by side: {@link #STEPS} steps of gradient descent with momentum on the
 * {@link StationarityLoss} L over m candidates x {@code [R, m, d]} and their multipliers l {@code [R, m]}, twice as many as members, labels
 * balanced, in the space of the embeddings and in float64:
 *
 * <pre>
 *   p &lt;- .9 p + dL/dx,  x &lt;- x - rate p          p, q start at 0
 *   q &lt;- .9 q + dL/dl,  l &lt;- l - multiplierRate q
 *   start: x ~ sigma N(0, 1), l ~ U[0, 1)
 * </pre>
 *
 * A general loss has multipliers l {@code [R, m, C]} of either sign, which start as N(0, 1).
 *
 * <p>x, l, p, q and the step are the whole {@link #state}: trials that go on from there give the same bits as ones that were not
 * interrupted, with the same number of torch threads on one kind of machine. A step costs 10 m d h operations for each trial and reads
 * nothing from the device, but for R numbers every {@link #CHECK_EVERY} steps.
 *
 * <p>After Oz et al. 2024 (Reconstructing Training Data From Real World Models Trained with Transfer Learning), and for general losses
 * Buzaglo et al. 2023; momentum as PyTorch's SGD has it, with the rate outside of the velocity.
 */
final class PaperTrials implements AutoCloseable {
    /** Of a whole trial. */
    static final int STEPS = 50_000;

    /** Trials are checked this often, and given up when their residual is this many times the size of the weights. */
    static final int CHECK_EVERY = 500;

    private static final double DIVERGED = 1e6;
    private static final double MOMENTUM = .9;

    private static final String X = "x";
    private static final String L = "l";
    private static final String VELOCITY_X = "velocityX";
    private static final String VELOCITY_L = "velocityL";
    private static final String STEP = "step";

    private final int runs;
    private final int m;
    private final int d;
    private final int outputs;
    private final TrainingLoss training;
    private final double size;
    private final NDManager manager;
    private final StationarityLoss loss;
    private final NDArray x;
    private final NDArray l;
    private final NDArray velocityX;
    private final NDArray velocityL;
    private final NDArray rate;
    private final NDArray multiplierRate;
    private final NDArray sides;
    private final NDArray alpha;
    private final NDArray lambdaMin;
    private int step;
    /** 1 until the first check: whether and when a trial is given up must not depend on where it was interrupted. */
    private double[] residual;

    /**
     * Goes on from {@link #start} or {@link #state}; the device's memory is the trials' until {@link #close}.
     *
     * @param settings one for each trial
     */
    PaperTrials(
            Head head,
            TrainingLoss training,
            List<Hyperparameters> settings,
            Map<String, Tensor> state,
            Device device) {
        this.training = training;
        this.runs = settings.size();
        this.d = head.inputs();
        this.outputs = head.outputs();
        this.step = Candidates.required(state, STEP).toInts()[0];
        this.m = (int) Candidates.required(state, X).shape()[1];
        this.size = head.squaredLength();
        this.residual = new double[runs];
        Arrays.fill(residual, 1);
        this.manager = Torch.newManager(device);
        this.loss = StationarityLoss.of(
                manager,
                head,
                head.w(),
                training.free() ? StationarityLoss.Rivals.NONE : StationarityLoss.Rivals.HARDEST,
                DataType.FLOAT64);
        this.x = array(state, X);
        this.l = array(state, L);
        this.velocityX = array(state, VELOCITY_X);
        this.velocityL = array(state, VELOCITY_L);
        this.sides = manager.create(StationarityLoss.sides(labels(m, outputs), outputs), new Shape(1, m, outputs));
        this.rate = numbers(settings, Hyperparameters::rate, new Shape(runs, 1, 1));
        this.multiplierRate = numbers(
                settings,
                Hyperparameters::multiplierRate,
                training.free() ? new Shape(runs, 1, 1) : new Shape(runs, 1));
        this.alpha = numbers(settings, Hyperparameters::alpha, new Shape(runs, 1, 1));
        this.lambdaMin = numbers(settings, Hyperparameters::lambdaMin, new Shape(runs, 1));
    }

    private NDArray array(Map<String, Tensor> state, String name) {
        Tensor tensor = Candidates.required(state, name);
        return manager.create(tensor.toDoubles(), new Shape(tensor.shape()));
    }

    private NDArray numbers(List<Hyperparameters> settings, ToDoubleFunction<Hyperparameters> which, Shape shape) {
        return manager.create(settings.stream().mapToDouble(which).toArray(), shape);
    }

    /**
     * The state at step 0, for twice as many candidates as members.
     *
     * @param randoms one for each setting
     */
    static Map<String, Tensor> start(
            Head head,
            TrainingLoss training,
            int members,
            List<Hyperparameters> settings,
            List<SplittableRandom> randoms) {
        int m = 2 * members;
        int each = training.free() ? m * head.outputs() : m;
        int points = m * head.inputs();
        double[] x = new double[settings.size() * points];
        double[] l = new double[settings.size() * each];
        for (int run = 0; run < settings.size(); run++) {
            SplittableRandom random = randoms.get(run);
            double sigma = settings.get(run).sigma();
            for (int i = 0; i < points; i++) {
                x[run * points + i] = sigma * random.nextGaussian();
            }
            for (int i = 0; i < each; i++) {
                l[run * each + i] = training.free() ? random.nextGaussian() : random.nextDouble();
            }
        }
        long[] shapeX = {settings.size(), m, head.inputs()};
        long[] shapeL =
                training.free() ? new long[] {settings.size(), m, head.outputs()} : new long[] {settings.size(), m};
        return Map.of(
                X, Tensor.ofDoubles(x, shapeX),
                L, Tensor.ofDoubles(l, shapeL),
                VELOCITY_X, Tensor.ofDoubles(new double[x.length], shapeX),
                VELOCITY_L, Tensor.ofDoubles(new double[l.length], shapeL),
                STEP, Tensor.ofLongs(new long[1], 1));
    }

    /** The state of some of the trials. */
    static Map<String, Tensor> only(Map<String, Tensor> state, int[] runs) {
        return Map.of(
                X, only(Candidates.required(state, X), runs),
                L, only(Candidates.required(state, L), runs),
                VELOCITY_X, only(Candidates.required(state, VELOCITY_X), runs),
                VELOCITY_L, only(Candidates.required(state, VELOCITY_L), runs),
                STEP, Candidates.required(state, STEP));
    }

    private static Tensor only(Tensor tensor, int[] runs) {
        double[] all = tensor.toDoubles();
        int each = (int) (all.length / tensor.shape()[0]);
        double[] some = new double[each * runs.length];
        for (int i = 0; i < runs.length; i++) {
            System.arraycopy(all, runs[i] * each, some, i * each, each);
        }
        long[] shape = tensor.shape();
        shape[0] = runs.length;
        return Tensor.ofDoubles(some, shape);
    }

    private static int[] labels(int m, int outputs) {
        int[] label = new int[m];
        Arrays.setAll(label, j -> j % Math.max(2, outputs));
        return label;
    }

    /**
     * Does the next steps: at most {@code most}, fewer when {@code stop} says so between two of them, when the trials are whole, or at
     * a check where one has diverged.
     *
     * @return how many were done
     */
    int run(int most, BooleanSupplier stop) {
        int before = step;
        while (step < STEPS && step - before < most && alive().length == runs && !stop.getAsBoolean()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                StationarityLoss.Gradient gradient = loss.at(x, l, sides, alpha, lambdaMin);
                descend(x, velocityX, gradient.x(), rate);
                descend(l, velocityL, gradient.l(), multiplierRate);
                step++;
                if (step % CHECK_EVERY == 0) {
                    residual = share(gradient.value());
                }
            }
        }
        return step - before;
    }

    private static void descend(NDArray at, NDArray velocity, NDArray gradient, NDArray rate) {
        velocity.muli(MOMENTUM).addi(gradient);
        at.subi(velocity.mul(rate));
    }

    private double[] share(NDArray value) {
        return Arrays.stream(HostReads.doubles(value)).map(v -> v / size).toArray();
    }

    /** Steps done in all. */
    int step() {
        return step;
    }

    /** Squared residuals over the squared weights when they were last looked at: 1 when nothing is explained. */
    double[] residual() {
        return residual;
    }

    /** The trials whose numbers have not run away, as indices; when one has, {@link #run} stops. */
    int[] alive() {
        return IntStream.range(0, runs).filter(run -> residual[run] < DIVERGED).toArray();
    }

    /**
     * What the constructor goes on from: F64 {@code x}, {@code velocityX [R, m, d]}, {@code l}, {@code velocityL [R, m]} or
     * {@code [R, m, C]}, I64 {@code step [1]}.
     */
    Map<String, Tensor> state() {
        return Map.of(
                X, tensor(x),
                L, tensor(l),
                VELOCITY_X, tensor(velocityX),
                VELOCITY_L, tensor(velocityL),
                STEP, Tensor.ofLongs(new long[] {step}, 1));
    }

    private static Tensor tensor(NDArray array) {
        return Tensor.ofDoubles(HostReads.doubles(array), array.getShape().getShape());
    }

    /**
     * The candidates as they stand, none of trials that have run away; the score is the multiplier times the share of the weights
     * explained.
     *
     * @param numbers of the trials
     */
    Candidates candidates(int[] numbers) {
        double[] now;
        double[] logits;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            now = share(loss.at(x, l, sides, alpha, lambdaMin).value());
            logits = training.free() ? HostReads.doubles(loss.logits(x)) : new double[0];
        }
        double[] points = HostReads.doubles(x);
        double[] multipliers = HostReads.doubles(l);
        List<Candidates> parts = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            if (now[run] < DIVERGED) {
                double explained = Math.max(0, 1 - now[run]);
                int[] trials = new int[m];
                Arrays.fill(trials, numbers[run]);
                double[] multiplier = multiplier(multipliers, run);
                double[] score = Arrays.stream(multiplier)
                        .map(value -> value * explained)
                        .toArray();
                double[] own = Arrays.copyOfRange(points, run * m * d, (run + 1) * m * d);
                int[] label = training.free() ? answers(logits, run) : labels(m, outputs);
                parts.add(new Candidates(m, d, RowSpaceOptimiser.narrow(own), trials, multiplier, label, score));
            }
        }
        return Candidates.ranked(d, parts);
    }

    /** Of either sign and several outputs: their length. */
    private double[] multiplier(double[] l, int run) {
        double[] multiplier = new double[m];
        for (int j = 0; j < m; j++) {
            int at = run * m + j;
            multiplier[j] = training.free() ? RowSpace.norm(l, at * outputs, outputs) / m : Math.max(0, l[at] / m);
        }
        return multiplier;
    }

    private int[] answers(double[] logits, int run) {
        int[] label = new int[m];
        Arrays.setAll(
                label,
                j -> ReducedHead.label(
                        Arrays.copyOfRange(logits, (run * m + j) * outputs, (run * m + j + 1) * outputs)));
        return label;
    }

    @Override
    public void close() {
        manager.close();
    }
}
