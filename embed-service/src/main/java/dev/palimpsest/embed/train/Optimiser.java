package dev.palimpsest.embed.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From a gradient g (weight decay included) to the direction of a step: g itself; momentum {@code m <- .9 m + g}; or Adam (Kingma and
 * Ba 1412.6980, algorithm 1: .9, .999, 1e-8).
 */
public final class Optimiser {
    /** Which. */
    public enum Kind {
        PLAIN,
        MOMENTUM,
        ADAM;

        static Kind named(@Nullable String word) {
            return word == null ? PLAIN : valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    private final Kind kind;
    private final List<NDArray> first = new ArrayList<>();
    private final List<NDArray> second = new ArrayList<>();

    /**
     * @param parameters whose shapes the moments take
     * @param checkpoint what {@link #saveTo} wrote; null: zeros
     */
    Optimiser(Kind kind, List<NDArray> parameters, NDManager manager, @Nullable Map<String, Tensor> checkpoint) {
        this.kind = kind;
        for (int i = 0; i < parameters.size(); i++) {
            if (kind != Kind.PLAIN) {
                first.add(moment(parameters.get(i), manager, checkpoint, "first." + i));
            }
            if (kind == Kind.ADAM) {
                second.add(moment(parameters.get(i), manager, checkpoint, "second." + i));
            }
        }
    }

    private static NDArray moment(
            NDArray like, NDManager manager, @Nullable Map<String, Tensor> checkpoint, String name) {
        return checkpoint == null
                ? manager.zeros(like.getShape())
                : manager.create(HeadTrainer.part(checkpoint, name).toFloats(), like.getShape());
    }

    /** @param step from 1 */
    NDArray direction(int parameter, NDArray g, int step) {
        if (kind == Kind.PLAIN) {
            return g;
        }
        NDArray m = first.get(parameter);
        if (kind == Kind.MOMENTUM) {
            return m.muli(.9f).addi(g);
        }
        NDArray v = second.get(parameter);
        m.muli(.9f).addi(g.mul(.1f));
        v.muli(.999f).addi(g.square().muli(.001f));
        NDArray deviation = v.div((float) (1 - Math.pow(.999, step))).sqrt().addi(1e-8f);
        return m.div((float) (1 - Math.pow(.9, step))).divi(deviation);
    }

    void saveTo(Map<String, Tensor> checkpoint) {
        for (int i = 0; i < first.size(); i++) {
            checkpoint.put("first." + i, HeadTrainer.tensor(first.get(i)));
        }
        for (int i = 0; i < second.size(); i++) {
            checkpoint.put("second." + i, HeadTrainer.tensor(second.get(i)));
        }
    }
}
