package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.List;
import java.util.SplittableRandom;

/** A baseline: a head that never saw a member. What an attack "recovers" from it is chance. */
public final class RandomHead {
    private RandomHead() {}

    /** Layers, biases and activation as the head's, numbers uniform in {@code +-1/sqrt(inputs)} of each layer, as a Linear layer of PyTorch begins. */
    public static Head like(Head head, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Head.Layer> layers = head.layers().stream()
                .map(layer -> {
                    double size = 1 / Math.sqrt(layer.inputs());
                    double[] weight = numbers(random, layer.weight().length, size);
                    double[] bias = layer.bias();
                    return new Head.Layer(
                            layer.outputs(),
                            layer.inputs(),
                            weight,
                            bias == null ? null : numbers(random, bias.length, size));
                })
                .toList();
        return Head.of(head.activation(), layers);
    }

    private static double[] numbers(SplittableRandom random, int n, double size) {
        return random.doubles(n, -size, size).toArray();
    }
}
