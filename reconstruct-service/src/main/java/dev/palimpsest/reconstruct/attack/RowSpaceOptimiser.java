package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Minimises the {@link StationarityLoss} over twice as many candidates as members, in row-space coordinates: twenty times fewer
 * numbers than R^d and less noise. Adam with cosine decay, one run a unit, random {@link Hyperparameters}; every other run starts from
 * the {@link NeuronDifferences} where there are any, which lifts the median run several times. For all heads that gate pursuit does not
 * take: several outputs, more hidden layers, other activations, no biases; float32. Nothing is read from the device but the result.
 */
final class RowSpaceOptimiser {
    private final Head head;
    private final TrainingLoss training;
    private final RowSpace rows;
    private final int members;
    private final Device device;
    private final long seed;
    private final int iterations;

    RowSpaceOptimiser(
            Head head, TrainingLoss training, RowSpace rows, int members, Device device, long seed, int iterations) {
        this.head = head;
        this.training = training;
        this.rows = rows;
        this.members = members;
        this.device = device;
        this.seed = seed;
        this.iterations = iterations;
    }

    /**
     * Run {@code index}; even ones start from the differences.
     *
     * @return candidates whose score is their multiplier times the share of the weights that the run explains
     */
    Candidates run(int index, Candidates differences, Progress progress) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
        Hyperparameters setting = Hyperparameters.draw(random);
        int m = 2 * members;
        int r = rows.rank();
        float[] x = new float[m * r];
        float[] l = new float[m];
        int[] label = new int[m];
        for (int j = 0; j < m; j++) {
            label[j] = j % classes();
            l[j] = (float) random.nextDouble();
            for (int c = 0; c < r; c++) {
                x[j * r + c] = (float) (random.nextGaussian() * setting.sigma());
            }
        }
        if (index % 2 == 0) {
            seed(differences, x, l, label);
        }
        return optimise(x, l, label, setting, index, progress);
    }

    private int classes() {
        return Math.max(2, head.outputs());
    }

    private void seed(Candidates differences, float[] x, float[] l, int[] label) {
        int r = rows.rank();
        int count = Math.min(differences.n(), members);
        double[] points = new double[count * head.inputs()];
        for (int i = 0; i < points.length; i++) {
            points[i] = differences.x()[i];
        }
        double[] u = rows.coordinates(points, count);
        for (int j = 0; j < count; j++) {
            label[j] = differences.label()[j];
            l[j] = (float) Math.min(4, Math.max(.05, differences.multiplier()[j] * l.length));
            for (int c = 0; c < r; c++) {
                x[j * r + c] = (float) u[j * r + c];
            }
        }
    }

    private Candidates optimise(
            float[] x0, float[] l0, int[] label, Hyperparameters setting, int index, Progress progress) {
        int m = l0.length;
        int r = rows.rank();
        int outputs = head.outputs();
        boolean free = training == TrainingLoss.MSE || training == TrainingLoss.HUBER;
        try (NDManager manager = Torch.newManager(device)) {
            StationarityLoss loss = StationarityLoss.of(
                    manager,
                    head,
                    rows.coordinates(head.w(), head.hidden()),
                    free ? StationarityLoss.Rivals.NONE : StationarityLoss.Rivals.SOFT,
                    DataType.FLOAT32);
            NDArray x = manager.create(x0, new Shape(1, m, r));
            float[] sides = narrow(StationarityLoss.sides(label, outputs));
            NDArray labels = manager.create(sides, new Shape(1, m, outputs));
            NDArray l = free
                    ? manager.create(signed(l0, sides), new Shape(1, m, outputs))
                    : manager.create(l0, new Shape(1, m));
            NDArray alpha = manager.full(new Shape(1, 1, 1), (float) setting.alpha());
            NDArray lambdaMin = manager.full(new Shape(1, 1), (float) setting.lambdaMin());
            Adam forX = new Adam(x);
            Adam forL = new Adam(l);
            NDArray value = manager.zeros(new Shape(1));
            for (int step = 0; step < iterations; step++) {
                double decay = .5 * (1 + Math.cos(Math.PI * step / iterations));
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    StationarityLoss.Gradient gradient = loss.at(x, l, labels, alpha, lambdaMin);
                    forX.step(gradient.x(), decay * setting.rate());
                    forL.step(gradient.l(), decay * setting.multiplierRate());
                    if (step == iterations - 1) {
                        value.addi(gradient.value());
                    }
                }
                if ((step + 1) % 50 == 0) {
                    progress.at(step + 1, iterations, "steps of the optimiser, run " + index);
                }
            }
            float[] multipliers = HostReads.floats(l);
            int[] answers = label;
            if (free) {
                answers = answers(HostReads.floats(loss.logits(x)), m);
                multipliers = lengths(multipliers, m);
            }
            return candidates(HostReads.floats(x), multipliers, answers, HostReads.floats(value)[0], index);
        }
    }

    /** Multipliers of either sign {@code [m, C]} that start where those of a label would be. */
    private static float[] signed(float[] l, float[] sides) {
        float[] signed = sides.clone();
        for (int i = 0; i < signed.length; i++) {
            signed[i] *= l[i / (signed.length / l.length)];
        }
        return signed;
    }

    private static float[] lengths(float[] l, int m) {
        double[] wide = new double[l.length];
        Arrays.setAll(wide, i -> l[i]);
        float[] lengths = new float[m];
        for (int j = 0; j < m; j++) {
            lengths[j] = (float) RowSpace.norm(wide, j * (l.length / m), l.length / m);
        }
        return lengths;
    }

    private int[] answers(float[] logits, int m) {
        int[] answers = new int[m];
        int outputs = head.outputs();
        Arrays.setAll(answers, j -> {
            double[] row = new double[outputs];
            Arrays.setAll(row, o -> logits[j * outputs + o]);
            return ReducedHead.label(row);
        });
        return answers;
    }

    private Candidates candidates(float[] u, float[] l, int[] label, double value, int index) {
        int m = l.length;
        double size = head.squaredLength();
        double explained = Math.max(0, 1 - value / size);
        double[] points = new double[u.length];
        double[] multiplier = new double[m];
        double[] score = new double[m];
        for (int i = 0; i < u.length; i++) {
            points[i] = u[i];
        }
        for (int j = 0; j < m; j++) {
            multiplier[j] = Math.max(0, l[j] / m);
            score[j] = multiplier[j] * explained;
        }
        int[] trial = new int[m];
        Arrays.fill(trial, index);
        return Candidates.ranked(
                head.inputs(),
                List.of(new Candidates(m, head.inputs(), rows.lift(points, m), trial, multiplier, label, score)));
    }

    static float[] narrow(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
