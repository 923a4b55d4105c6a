package dev.palimpsest.select.score;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;

/** Percentile bootstrap (Efron 1979) over members and controls, with a fixed seed: the same data give the same interval. */
final class Bootstrap {
    private static final int RESAMPLES = 2000;
    private static final long SEED = 20_240_517L;

    private Bootstrap() {}

    /** 95 % interval of a statistic of members and controls, which are resampled apart. */
    static Interval interval(double[] members, double[] controls, ToDoubleBiFunction<double[], double[]> statistic) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] values = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            values[r] = statistic.applyAsDouble(resample(members, random), resample(controls, random));
        }
        Arrays.sort(values);
        return new Interval(values[(int) (0.025 * (RESAMPLES - 1))], values[(int) Math.ceil(0.975 * (RESAMPLES - 1))]);
    }

    private static double[] resample(double[] values, SplittableRandom random) {
        double[] sample = new double[values.length];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = values[random.nextInt(values.length)];
        }
        return sample;
    }
}
