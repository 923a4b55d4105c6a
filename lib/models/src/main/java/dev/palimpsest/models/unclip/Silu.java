package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;

/** {@code x sigmoid(x)}, in place. */
final class Silu {
    private Silu() {}

    static NDArray inPlace(NDArray x) {
        try (NDArray gate = x.getNDArrayInternal().sigmoid()) {
            return x.muli(gate);
        }
    }
}
