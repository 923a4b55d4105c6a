package dev.palimpsest.cli.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Mean over repetitions with its 95 % interval: mean +- t s / sqrt(n), s the sample deviation, t the quantile of Student's distribution with
 * n - 1 degrees of freedom (Student 1908). Two repetitions give a wide one, since they say little.
 *
 * @param low end of the interval; null for a single value, which has none; likewise {@code high}
 * @param least of the values
 * @param most of the values
 * @param n how many there are
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Interval(
        double mean, @Nullable Double low, @Nullable Double high, double least, double most, int n) {
    /** Quantiles at .975 for 1, 2, ... degrees of freedom. */
    private static final double[] STUDENT = {
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448,
        2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484,
        2.0452, 2.0423
    };

    /** Of the normal distribution, for more. */
    private static final double NORMAL = 1.9600;

    /** Of shares: the interval ends at 0 and 1. At least one value. */
    static Interval ofShares(double... values) {
        Interval interval = of(values);
        Double low = interval.low;
        Double high = interval.high;
        return low == null || high == null
                ? interval
                : new Interval(
                        interval.mean, Math.max(0, low), Math.min(1, high), interval.least, interval.most, interval.n);
    }

    /** At least one value. */
    static Interval of(double... values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElseThrow();
        double least = Arrays.stream(values).min().orElseThrow();
        double most = Arrays.stream(values).max().orElseThrow();
        if (n == 1) {
            return new Interval(mean, null, null, least, most, n);
        }
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        double t = n - 2 < STUDENT.length ? STUDENT[n - 2] : NORMAL;
        double half = t * Math.sqrt(squares / (n - 1) / n);
        return new Interval(mean, mean - half, mean + half, least, most, n);
    }
}
