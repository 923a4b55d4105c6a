package dev.palimpsest.embed.train.release;

import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Magnitude pruning: the {@code share} of each layer's weights that is smallest becomes 0; biases stay. */
public record Pruning(double share) implements ReleaseDefence {
    @Override
    public Head apply(Head head) {
        List<Head.Layer> layers = new ArrayList<>();
        for (Head.Layer layer : head.layers()) {
            double[] weight = layer.weight().clone();
            double[] sizes = Arrays.stream(weight).map(Math::abs).sorted().toArray();
            int cut = (int) Math.floor(share * sizes.length);
            double least = cut == 0 ? 0 : sizes[cut - 1];
            for (int i = 0; i < weight.length; i++) {
                weight[i] = Math.abs(weight[i]) <= least ? 0 : weight[i];
            }
            layers.add(new Head.Layer(layer.outputs(), layer.inputs(), weight, layer.bias()));
        }
        return Head.of(head.activation(), layers);
    }
}
