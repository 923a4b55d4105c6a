package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** What a residual layer does to the size of the picture. */
enum Sampling {
    /** Nothing. */
    KEEP {
        @Override
        NDArray apply(NDArray x) {
            return x;
        }
    },
    /** Means of 2 x 2 pixels. */
    HALVE {
        @Override
        NDArray apply(NDArray x) {
            return x.getNDArrayInternal().avgPool(TWO, TWO, NONE, false, true);
        }
    },
    /** Each pixel becomes 2 x 2 of the same value. */
    DOUBLE {
        @Override
        NDArray apply(NDArray x) {
            long n = x.getShape().get(0) * x.getShape().get(1);
            long height = x.getShape().get(2);
            long width = x.getShape().get(3);
            return x.reshape(n, height, 1, width, 1)
                    .broadcast(n, height, 2, width, 2)
                    .reshape(x.getShape().get(0), x.getShape().get(1), 2 * height, 2 * width);
        }
    };

    private static final Shape TWO = new Shape(2, 2);
    private static final Shape NONE = new Shape(0, 0);

    /**
     * @param x {@code [n, c, h, w]}
     * @return x itself, or a new array
     */
    abstract NDArray apply(NDArray x);
}
