package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adam (Kingma and Ba, 2015) with its usual constants, in place. */
final class Adam {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final float EPSILON = 1e-8f;

    private final Map<String, NDArray> weights;
    private final Map<String, NDArray> means = new LinkedHashMap<>();
    private final Map<String, NDArray> variances = new LinkedHashMap<>();

    /** @param manager owns the moments */
    Adam(NDManager manager, Map<String, NDArray> weights) {
        this.weights = weights;
        weights.forEach((name, weight) -> {
            means.put(name, manager.zeros(weight.getShape()));
            variances.put(name, manager.zeros(weight.getShape()));
        });
    }

    /** First moments by the name of their weight. */
    Map<String, NDArray> means() {
        return Collections.unmodifiableMap(means);
    }

    /** Second moments by the name of their weight. */
    Map<String, NDArray> variances() {
        return Collections.unmodifiableMap(variances);
    }

    /**
     * Moves every weight by its gradient, then sets the gradient to zero: the engine adds to gradients.
     *
     * @param step counted from 0
     */
    void update(long step, double learningRate) {
        double correction = Math.sqrt(1 - Math.pow(BETA2, step + 1)) / (1 - Math.pow(BETA1, step + 1));
        weights.forEach((name, weight) -> {
            try (NDArray gradient = weight.getGradient()) {
                NDList inputs = new NDList(weight, gradient, entry(means, name), entry(variances, name));
                weight.getNDArrayInternal()
                        .adamUpdate(
                                inputs,
                                new NDList(weight),
                                (float) learningRate,
                                (float) (learningRate * correction),
                                0f,
                                1f,
                                -1f,
                                (float) BETA1,
                                (float) BETA2,
                                EPSILON,
                                false,
                                false);
                gradient.subi(gradient);
            }
        });
    }

    private static NDArray entry(Map<String, NDArray> moments, String name) {
        NDArray moment = moments.get(name);
        if (moment == null) {
            throw new IllegalStateException("no moment for " + name);
        }
        return moment;
    }
}
