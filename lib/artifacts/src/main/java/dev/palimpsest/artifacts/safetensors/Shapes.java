package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;

/** Arithmetic on shapes that does not overflow silently. */
final class Shapes {
    private Shapes() {}

    /** The product of the shape, 1 for a scalar. Refuses negative dimensions, too many of them, and overflow. */
    static long elements(long[] shape) {
        if (shape.length > Tensor.MAX_RANK) {
            throw bad(shape, "has " + shape.length + " dimensions; at most " + Tensor.MAX_RANK + " are accepted");
        }
        long product = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw bad(shape, "has a negative dimension");
            }
            // Times eight must fit as well, the largest element.
            if (dimension != 0 && product > Long.MAX_VALUE / 8 / dimension) {
                throw bad(shape, "has more elements than can be counted");
            }
            product *= dimension;
        }
        return product;
    }

    private static PalimpsestException bad(long[] shape, String what) {
        return new PalimpsestException(
                ErrorCode.SHAPE_MISMATCH, "The shape " + Arrays.toString(shape) + " " + what + ".");
    }
}
