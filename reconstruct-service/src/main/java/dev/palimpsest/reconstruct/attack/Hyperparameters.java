package dev.palimpsest.reconstruct.attack;

import java.util.SplittableRandom;

/**
 * One run of the optimiser, drawn at random: no single setting suits every head.
 *
 * @param rate learning rate of the candidates
 * @param multiplierRate of the multipliers
 * @param alpha sharpness of the gates
 * @param sigma deviation of the initial candidates
 * @param lambdaMin below which multipliers are pushed up
 */
record Hyperparameters(double rate, double multiplierRate, double alpha, double sigma, double lambdaMin) {

    /** From the ranges that suit the {@link RowSpaceOptimiser}. */
    static Hyperparameters draw(SplittableRandom random) {
        return new Hyperparameters(
                logUniform(random, 1e-2, .2),
                logUniform(random, 1e-3, 2e-2),
                random.nextDouble(40, 400),
                logUniform(random, .1, 1),
                random.nextDouble(.03, .5));
    }

    /** From the ranges of the published search; one output has a fixed rate of the multipliers. */
    static Hyperparameters published(SplittableRandom random, int outputs) {
        return new Hyperparameters(
                logUniform(random, 1e-5, 1),
                outputs == 1 ? 1e-4 : logUniform(random, 1e-5, 1),
                random.nextDouble(10, 500),
                logUniform(random, 1e-6, .1),
                random.nextDouble(.01, .5));
    }

    private static double logUniform(SplittableRandom random, double low, double high) {
        return Math.exp(random.nextDouble(Math.log(low), Math.log(high)));
    }
}
