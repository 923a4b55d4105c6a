package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One trial of the attack as it was published: {@link #STEPS} steps of gradient descent with momentum on the {@link StationarityLoss}
 * L over m candidates x {@code [m, d]} and their multipliers l {@code [m]}, twice as many as members, labels balanced, in the space of
 * the embeddings and in float64:
 *
 * <pre>
 *   p &lt;- .9 p + dL/dx,  x &lt;- x - rate p          p, q start at 0
 *   q &lt;- .9 q + dL/dl,  l &lt;- l - multiplierRate q
 *   start: x ~ sigma N(0, 1), l ~ U[0, 1)
 * </pre>
 *
 * <p>x, l, p, q and the step are the whole {@link #state}: a trial that goes on from there gives the same bits as one that was not
 * interrupted, with the same number of torch threads on one kind of machine. A step costs 10 m d h operations.
 *
 * <p>After Oz et al. 2024 (Reconstructing Training Data From Real World Models Trained with Transfer Learning); momentum as PyTorch's
 * SGD has it, with the rate outside of the velocity.
 */
final class PaperTrial implements AutoCloseable {
    /** Of a whole trial. */
    static final int STEPS = 50_000;

    /** A trial is checked this often, and given up when its residual is this many times the size of the weights. */
    private static final int CHECK_EVERY = 20;

    private static final double DIVERGED = 1e6;
    private static final double MOMENTUM = .9;

    private static final String X = "x";
    private static final String L = "l";
    private static final String VELOCITY_X = "velocityX";
    private static final String VELOCITY_L = "velocityL";
    private static final String STEP = "step";

    private final int[] label;
    private final int d;
    private final double size;
    private final Hyperparameters setting;
    private final NDManager manager;
    private final StationarityLoss loss;
    private final NDArray x;
    private final NDArray l;
    private final NDArray velocityX;
    private final NDArray velocityL;
    private final NDArray sides;
    private final NDArray alpha;
    private final NDArray lambdaMin;
    private int step;
    /** 1 until the first check: whether and when a trial is given up must not depend on where it was interrupted. */
    private double residual = 1;

    /** Goes on from {@link #start} or {@link #state}; the device's memory is the trial's until {@link #close}. */
    PaperTrial(Head head, Hyperparameters setting, Map<String, Tensor> state, Device device) {
        this.setting = setting;
        this.d = head.inputs();
        this.step = Candidates.required(state, STEP).toInts()[0];
        double[] multipliers = Candidates.required(state, L).toDoubles();
        int m = multipliers.length;
        int outputs = head.outputs();
        this.label = labels(m, outputs);
        this.size = square(head.w()) + square(head.b()) + square(head.v()) + square(head.c());
        this.manager = Torch.newManager(device);
        double[] bias = head.c();
        this.loss = new StationarityLoss(
                manager.create(head.w(), new Shape(head.hidden(), d)),
                manager.create(head.b()),
                manager.create(head.v(), new Shape(outputs, head.hidden())),
                bias == null ? null : manager.create(bias),
                StationarityLoss.Rivals.HARDEST);
        this.x = manager.create(Candidates.required(state, X).toDoubles(), new Shape(1, m, d));
        this.l = manager.create(multipliers, new Shape(1, m));
        this.velocityX = manager.create(Candidates.required(state, VELOCITY_X).toDoubles(), new Shape(1, m, d));
        this.velocityL = manager.create(Candidates.required(state, VELOCITY_L).toDoubles(), new Shape(1, m));
        this.sides = manager.create(StationarityLoss.sides(label, outputs), new Shape(1, m, outputs));
        this.alpha = manager.create(new double[] {setting.alpha()}, new Shape(1, 1, 1));
        this.lambdaMin = manager.create(new double[] {setting.lambdaMin()}, new Shape(1, 1));
    }

    /** The state at step 0, for twice as many candidates as members. */
    static Map<String, Tensor> start(Head head, int members, Hyperparameters setting, SplittableRandom random) {
        int m = 2 * members;
        double[] x = new double[m * head.inputs()];
        for (int i = 0; i < x.length; i++) {
            x[i] = setting.sigma() * random.nextGaussian();
        }
        return state(x, random.doubles(m).toArray(), new double[x.length], new double[m], 0);
    }

    private static Map<String, Tensor> state(double[] x, double[] l, double[] velocityX, double[] velocityL, int step) {
        int m = l.length;
        return Map.of(
                X, Tensor.ofDoubles(x, m, x.length / m),
                L, Tensor.ofDoubles(l, m),
                VELOCITY_X, Tensor.ofDoubles(velocityX, m, x.length / m),
                VELOCITY_L, Tensor.ofDoubles(velocityL, m),
                STEP, Tensor.ofLongs(new long[] {step}, 1));
    }

    private static int[] labels(int m, int outputs) {
        int[] label = new int[m];
        Arrays.setAll(label, j -> j % Math.max(2, outputs));
        return label;
    }

    /**
     * Does the next steps: at most {@code most}, fewer when {@code stop} says so between two of them, when the trial is whole, or when
     * it has diverged.
     *
     * @return how many were done
     */
    int run(int most, BooleanSupplier stop) {
        int before = step;
        while (step < STEPS && step - before < most && !diverged() && !stop.getAsBoolean()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                StationarityLoss.Gradient gradient = loss.at(x, l, sides, alpha, lambdaMin);
                descend(x, velocityX, gradient.x(), setting.rate());
                descend(l, velocityL, gradient.l(), setting.multiplierRate());
                step++;
                if (step % CHECK_EVERY == 0) {
                    residual = share(gradient.value());
                }
            }
        }
        return step - before;
    }

    private static void descend(NDArray at, NDArray velocity, NDArray gradient, double rate) {
        velocity.muli(MOMENTUM).addi(gradient);
        at.subi(velocity.mul(rate));
    }

    private double share(NDArray value) {
        return value.toDoubleArray()[0] / size;
    }

    /** Steps done in all. */
    int step() {
        return step;
    }

    /** The squared residual over the squared weights when it was last looked at, every 20 steps: 1 when nothing is explained. */
    double residual() {
        return residual;
    }

    /** Whether the numbers have run away; such a trial stops. */
    boolean diverged() {
        return !(residual < DIVERGED);
    }

    /** What the constructor goes on from: F64 {@code x}, {@code velocityX [m, d]}, {@code l}, {@code velocityL [m]}, I64 {@code step [1]}. */
    Map<String, Tensor> state() {
        return state(x.toDoubleArray(), l.toDoubleArray(), velocityX.toDoubleArray(), velocityL.toDoubleArray(), step);
    }

    /** The candidates as they stand, none when they have run away; the score is the multiplier times the share of the weights explained. */
    Candidates candidates(int trial) {
        double now;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            now = share(loss.at(x, l, sides, alpha, lambdaMin).value());
        }
        if (!(now < DIVERGED)) {
            return Candidates.none(d);
        }
        double explained = Math.max(0, 1 - now);
        double[] points = x.toDoubleArray();
        int m = label.length;
        int[] trials = new int[m];
        Arrays.fill(trials, trial);
        double[] multiplier = Arrays.stream(l.toDoubleArray())
                .map(value -> Math.max(0, value / m))
                .toArray();
        double[] score =
                Arrays.stream(multiplier).map(value -> value * explained).toArray();
        return Candidates.ranked(
                d, List.of(new Candidates(m, d, RowSpaceOptimiser.narrow(points), trials, multiplier, label, score)));
    }

    private static double square(double @Nullable [] a) {
        return a == null ? 0 : BalancedNeurons.dot(a, a);
    }

    @Override
    public void close() {
        manager.close();
    }
}
