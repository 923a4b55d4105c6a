package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.models.Dense;
import dev.palimpsest.models.Expected;
import dev.palimpsest.models.Weights;

/**
 * {@code second(silu(first(features)))}.
 *
 * @param first {@code [time width, features]}
 * @param second {@code [time width, time width]}
 */
record TimeEmbedding(Dense first, Dense second) {

    static void expect(Expected expected, String name, long features, long width) {
        expected.dense(name + ".linear_1", width, features).dense(name + ".linear_2", width, width);
    }

    static TimeEmbedding read(Weights weights, NDManager manager, String name) {
        return new TimeEmbedding(
                Dense.read(weights, manager, name + ".linear_1"), Dense.read(weights, manager, name + ".linear_2"));
    }

    /**
     * @param features {@code [n, features]}
     * @return {@code [n, time width]}
     */
    NDArray apply(NDArray features) {
        return second.apply(Silu.inPlace(first.apply(features)));
    }
}
