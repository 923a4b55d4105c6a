package dev.palimpsest.embed.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GaussianAccountantTest {
    /**
     * What TensorFlow Privacy publishes for MNIST (60 000 samples, batches of 256, delta 1e-5): 2.92 in the help of its
     * compute_dp_sgd_privacy, the others in the table of its tutorial. The last is found at a fractional order there.
     */
    @ParameterizedTest
    @CsvSource({"1.12, 60, 2.92, .005", "1.1, 60, 3.01, .005", "1.3, 15, 1.19, .005", ".7, 45, 7.10, .03"})
    void epsilonIsThePublishedOne(double sigma, int epochs, double published, double off) {
        double epsilon = new GaussianAccountant(256. / 60_000, sigma).epsilon(epochs * 60_000 / 256, 1e-5);
        assertThat(epsilon).isCloseTo(published, within(off)).isGreaterThan(published - .005);
    }

    /** At order 2 the sum is 1 + q^2 (exp(1 / sigma^2) - 1). */
    @Test
    void orderTwoHasAClosedForm() {
        assertThat(new GaussianAccountant(.1, 2).renyi(2)).isCloseTo(Math.log1p(.01 * Math.expm1(.25)), within(1e-14));
    }

    @Test
    void withAllSamplesItIsTheGaussianMechanism() {
        double closed = new GaussianAccountant(1, 20).epsilon(100, 1e-5);
        assertThat(closed).isCloseTo(100 / 800. + Math.sqrt(200 * Math.log(1e5)) / 20, within(1e-12));
        // The sampled sum at a rate just below 1 comes to the same, up to its whole orders.
        assertThat(new GaussianAccountant(1 - 1e-12, 20).epsilon(100, 1e-5)).isCloseTo(closed, within(.01));
        assertThat(new GaussianAccountant(.5, 20).epsilon(100, 1e-5)).isLessThan(closed);
    }
}
