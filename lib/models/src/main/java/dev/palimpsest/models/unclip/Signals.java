package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What all layers of one pass are told.
 *
 * @param activeTime {@code [n, time width]}, after SiLU
 * @param context {@code [n, tokens, context width]}; null in a network without attention
 * @param observer is shown every output, under the reference's names, while it lasts
 */
record Signals(NDArray activeTime, @Nullable NDArray context, BiConsumer<String, NDArray> observer) {

    NDArray requireContext() {
        if (context == null) {
            throw new IllegalArgumentException("a network with attention needs a context");
        }
        return context;
    }
}
