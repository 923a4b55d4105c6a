package dev.palimpsest.embed.train.release;

import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A change of released weights. */
public sealed interface ReleaseDefence permits LowRank, Pruning, WeightNoise, Rounding, Quantisation {
    /** A head of the same sizes; this one is not changed. */
    Head apply(Head head);

    /** Those of a spec in the order in which they are applied; null is none. */
    static List<ReleaseDefence> of(@Nullable DefenceSpec spec, long seed) {
        List<ReleaseDefence> chain = new ArrayList<>();
        if (spec == null) {
            return chain;
        }
        if (spec.rank() != null) {
            chain.add(new LowRank(spec.rank()));
        }
        if (spec.prune() != null) {
            chain.add(new Pruning(spec.prune()));
        }
        if (spec.weightNoise() != null) {
            chain.add(new WeightNoise(spec.weightNoise(), seed));
        }
        if (spec.decimals() != null) {
            chain.add(new Rounding(spec.decimals()));
        }
        if (spec.bits() != null) {
            chain.add(new Quantisation(spec.bits()));
        }
        return chain;
    }

    /** The head with each tensor, weights and biases, replaced by what the function makes of a copy of it. */
    static Head each(Head head, UnaryOperator<double[]> change) {
        List<Head.Layer> layers = new ArrayList<>();
        for (Head.Layer layer : head.layers()) {
            double[] bias = layer.bias();
            layers.add(new Head.Layer(
                    layer.outputs(),
                    layer.inputs(),
                    change.apply(layer.weight().clone()),
                    bias == null ? null : change.apply(bias.clone())));
        }
        return Head.of(head.activation(), layers);
    }
}
