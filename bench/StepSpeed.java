package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * One step of the closed form with Adam, for R runs at once, as a share of what products of matrices alone reach in the same process.
 * Arguments: threads. Compiled before it is run, since the loss is not public: see bench/run step.
 */
final class StepSpeed {
    private static final int H = 500;
    private static final int M = 200;
    private static final int D = 768;
    /** The row space of a head of a hundred members has about that many dimensions. */
    private static final int RANK = 100;

    private static final double SECONDS = 4;
    private static final int WHOLE_TRIAL = 1000;

    private static final SplittableRandom RANDOM = new SplittableRandom(1);

    private StepSpeed() {}

    public static void main(String[] arguments) {
        Torch.threads(Integer.parseInt(arguments[0]));
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            double peak = peak(manager);
            System.out.printf(Locale.ROOT, "%s thread(s): %.0f GFLOP per processor second in products alone%n", arguments[0], peak);
            for (int outputs : new int[] {1, 10}) {
                for (int width : new int[] {D, RANK}) {
                    for (int runs : new int[] {1, 8, 32}) {
                        step(manager, outputs, width, runs, peak);
                    }
                }
            }
        }
    }

    private static double peak(NDManager manager) {
        int n = 1024;
        NDArray a = normal(manager, 1, n, n);
        NDArray b = normal(manager, 1, n, n);
        double[] each = timed(() -> a.matMul(b).close());
        return 2.0 * n * n * n / each[1] / 1e9;
    }

    private static void step(NDManager manager, int outputs, int width, int runs, double peak) {
        try (NDManager own = manager.newSubManager()) {
            StationarityLoss loss = new StationarityLoss(
                    normal(own, .05, H, width),
                    normal(own, .05, H),
                    normal(own, .05, outputs, H),
                    null,
                    StationarityLoss.Rivals.SOFT);
            NDArray x = normal(own, .05, runs, M, width);
            NDArray l = normal(own, .01, runs, M).addi(.5);
            int[] label = new int[M];
            for (int j = 0; j < M; j++) {
                label[j] = j % Math.max(2, outputs);
            }
            double[] sides = StationarityLoss.sides(label, outputs);
            float[] repeated = new float[runs * sides.length];
            for (int i = 0; i < repeated.length; i++) {
                repeated[i] = (float) sides[i % sides.length];
            }
            NDArray labels = own.create(repeated, new Shape(runs, M, outputs));
            NDArray alpha = own.full(new Shape(runs, 1, 1), 100f);
            NDArray lambdaMin = own.full(new Shape(runs, 1), .1f);
            Adam forX = new Adam(x);
            Adam forL = new Adam(l);
            double[] each = timed(() -> {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    StationarityLoss.Gradient gradient = loss.at(x, l, labels, alpha, lambdaMin);
                    forX.step(gradient.x(), 1e-4);
                    forL.step(gradient.l(), 1e-4);
                }
            });
            double operations = 10.0 * M * H * width * runs;
            System.out.printf(
                    Locale.ROOT,
                    "%d-%d-%d, m = %d, R = %2d: %.3f ms a run-step (%.3f ms of processor time), %.0f %% of the products' speed; %d steps of a trial %.1f s%n",
                    width,
                    H,
                    outputs,
                    M,
                    runs,
                    each[0] * 1e3 / runs,
                    each[1] * 1e3 / runs,
                    100 * operations / each[1] / 1e9 / peak,
                    WHOLE_TRIAL,
                    each[0] * WHOLE_TRIAL / runs);
        }
    }

    private static NDArray normal(NDManager manager, double sigma, long... shape) {
        Shape of = new Shape(shape);
        float[] values = new float[Math.toIntExact(of.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (sigma * RANDOM.nextGaussian());
        }
        return manager.create(values, of);
    }

    /** Seconds of the clock and of the processor, for one call. */
    private static double[] timed(Runnable work) {
        for (int k = 0; k < 5; k++) {
            work.run();
        }
        long processor = processorNanos();
        long started = System.nanoTime();
        int calls = 0;
        while (System.nanoTime() - started < SECONDS * 1e9 || calls < 5) {
            work.run();
            calls++;
        }
        return new double[] {
            (System.nanoTime() - started) / 1e9 / calls, (processorNanos() - processor) / 1e9 / calls
        };
    }

    private static long processorNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }
}
