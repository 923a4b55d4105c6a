package dev.palimpsest.gateway.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {
    /** Table II of R. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10, which gives four decimals. */
    @ParameterizedTest
    @CsvSource({
        "56, 70, 48, 80, 0.0524, 0.3339",
        "9, 10, 3, 10, 0.1705, 0.8090",
        "6, 7, 2, 7, 0.0582, 0.8062",
        "5, 56, 0, 29, -0.0381, 0.1926",
        "0, 10, 0, 20, -0.1611, 0.2775",
        "0, 10, 0, 10, -0.2775, 0.2775",
        "10, 10, 0, 20, 0.6791, 1.0000",
        "10, 10, 0, 10, 0.6075, 1.0000",
    })
    void theIntervalOfTwoSharesIsThePublishedOne(int k, int n, int baseK, int baseN, double low, double high) {
        Difference difference = Difference.ofShares(k, n, baseK, baseN);

        assertThat(difference.value()).isCloseTo(k / (double) n - baseK / (double) baseN, within(1e-12));
        assertThat(difference.low()).isCloseTo(low, within(6e-5));
        assertThat(difference.high()).isCloseTo(high, within(6e-5));
    }

    @Test
    void theOtherWayRoundIsTheSameIntervalMirrored() {
        Difference there = Difference.ofShares(28, 72, 5, 100);
        Difference back = Difference.ofShares(5, 100, 28, 72);

        assertThat(back.value()).isCloseTo(-there.value(), within(1e-12));
        assertThat(back.low()).isCloseTo(-there.high(), within(1e-12));
        assertThat(back.high()).isCloseTo(-there.low(), within(1e-12));
    }

    /** J. Hanley and B. McNeil (1982): an area of .893 on 51 abnormal and 58 normal images has a standard error of .0325 by their equations. */
    @Test
    void theErrorOfAnAreaIsThePublishedOne() {
        Difference difference = Difference.ofAreas(0.893, 51, 58, 1, 1_000_000, 1_000_000);

        assertThat(difference.value()).isCloseTo(-0.107, within(1e-12));
        assertThat((difference.high() - difference.low()) / (2 * 1.959964)).isCloseTo(0.0325, within(5e-5));
    }

    @Test
    void equalAreasDifferByNothingWithinTheErrorOfBoth() {
        Difference difference = Difference.ofAreas(0.8, 72, 36, 0.8, 72, 36);
        Difference ofMore = Difference.ofAreas(0.8, 720, 360, 0.8, 720, 360);

        assertThat(difference.value()).isZero();
        assertThat(difference.high()).isPositive().isEqualTo(-difference.low());
        assertThat(ofMore.high()).isLessThan(difference.high() / 3);
    }
}
