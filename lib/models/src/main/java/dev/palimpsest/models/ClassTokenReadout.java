package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.function.BiConsumer;

/**
 * The embedding of ViT, DINO and DINOv2: the class token after the last layer norm.
 *
 * @param norm the last one
 * @param pooled whether the reference calls that its pooler's output, too
 */
record ClassTokenReadout(Norm norm, boolean pooled) implements VisionTransformer.Readout {
    private static final NDIndex FIRST = new NDIndex(":, 0");

    @Override
    public int dimension() {
        return (int) norm.gain().getShape().get(0);
    }

    @Override
    public boolean firstOnly() {
        return true;
    }

    @Override
    public NDArray embed(NDArray tokens, BiConsumer<String, NDArray> observer) {
        NDArray last = norm.apply(tokens);
        observer.accept("last_hidden_state", last);
        NDArray embedding = last.get(FIRST);
        if (pooled) {
            observer.accept("pooler_output", embedding);
        }
        return embedding;
    }
}
