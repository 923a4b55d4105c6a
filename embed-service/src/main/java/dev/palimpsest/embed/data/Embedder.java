package dev.palimpsest.embed.data;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Backbone;
import java.util.List;

/** Image files through a backbone, which it owns, without a gradient graph. A sample is {@code [3, S, S]}. */
public final class Embedder implements Encoder<float[]> {
    private final Backbone backbone;
    private final int size;

    /** @param size side of the input; 0: the backbone's own */
    public Embedder(Backbone backbone, int size) {
        this.backbone = backbone;
        this.size = size == 0 ? backbone.inputSize() : size;
    }

    /** Side of the input in pixels. */
    public int size() {
        return size;
    }

    @Override
    public String name() {
        return backbone.name();
    }

    @Override
    public int dimension() {
        return backbone.dimension();
    }

    @Override
    public float[] prepare(byte[] sample, String name) {
        return backbone.preprocessing().pixelValues(sample, name, size);
    }

    @Override
    public float[] embed(List<float[]> inputs) {
        int each = 3 * size * size;
        float[] batch = new float[inputs.size() * each];
        for (int i = 0; i < inputs.size(); i++) {
            System.arraycopy(inputs.get(i), 0, batch, i * each, each);
        }
        try (NDManager scope = backbone.manager().newSubManager()) {
            return backbone.embed(scope.create(batch, new Shape(inputs.size(), 3, size, size)))
                    .toFloatArray();
        }
    }

    @Override
    public void close() {
        backbone.close();
    }
}
