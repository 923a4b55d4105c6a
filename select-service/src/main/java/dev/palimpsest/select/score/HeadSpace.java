package dev.palimpsest.select.score;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Brings the owner's embeddings into the space that the head saw, where representatives are. */
public final class HeadSpace {
    private HeadSpace() {}

    /**
     * Reads raw embeddings and normalises them as the head's input was.
     *
     * @param name the tensor {@code [n, d]}
     * @param normaliser of the head; null: the head took raw embeddings
     * @param d the width of the head's input
     * @return {@code [n, d]} row-major
     * @throws PalimpsestException SHAPE_MISMATCH for another shape; NOT_FOUND without such a tensor
     */
    public static float[] read(Safetensors file, String name, @Nullable Normaliser normaliser, int d) {
        Tensor tensor = file.tensor(name);
        long[] shape = tensor.shape();
        if (shape.length != 2 || shape[1] != d) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "'" + name + "' of " + file + " has shape " + Arrays.toString(shape) + ", the head takes [n, " + d
                            + "]");
        }
        float[] points = tensor.toFloats();
        if (normaliser != null) {
            double[] scores = normaliser.apply(points);
            for (int i = 0; i < points.length; i++) {
                points[i] = (float) scores[i];
            }
        }
        return points;
    }
}
