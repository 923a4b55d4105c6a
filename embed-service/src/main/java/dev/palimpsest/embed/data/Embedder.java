package dev.palimpsest.embed.data;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.ImageDecoder;
import java.util.List;

/** Image files through a backbone, batch by batch, without a gradient graph. */
public final class Embedder {
    /** Enough to keep a core busy, few enough that a batch of large inputs stays small. */
    public static final int BATCH = 8;

    private final Backbone backbone;
    private final int size;

    /** @param size side of the input; 0: the backbone's own */
    public Embedder(Backbone backbone, int size) {
        this.backbone = backbone;
        this.size = size == 0 ? backbone.inputSize() : size;
    }

    public int size() {
        return size;
    }

    /**
     * The network's input for one image file: {@code [3, S, S]}.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException BAD_IMAGE
     */
    public float[] pixelValues(byte[] file, String name) {
        return backbone.preprocessing().pixelValues(ImageDecoder.decode(file, name), size);
    }

    /**
     * @param inputs of {@link #pixelValues}, at most {@link #BATCH}
     * @return {@code [inputs, d]} row-major
     */
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
}
