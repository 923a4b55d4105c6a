package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;

/**
 * {@code down(activation(up(x)))}.
 *
 * @param up {@code [inputs of the activation * hidden, width]}
 * @param activation between the two
 * @param down {@code [width, hidden]}
 */
record Mlp(Dense up, Activation activation, Dense down) {

    NDArray apply(NDArray x) {
        return down.apply(activation.apply(up.apply(x)));
    }
}
