package dev.palimpsest.embed.train.release;

import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Gaussian noise on every weight and bias, of deviation {@code scale} times the root mean square of its tensor. */
public record WeightNoise(double scale, long seed) implements ReleaseDefence {
    @Override
    public Head apply(Head head) {
        SplittableRandom random = new SplittableRandom(seed);
        return ReleaseDefence.each(head, values -> {
            double deviation =
                    scale * Math.sqrt(Arrays.stream(values).map(x -> x * x).sum() / values.length);
            for (int i = 0; i < values.length; i++) {
                values[i] += deviation * random.nextGaussian();
            }
            return values;
        });
    }
}
