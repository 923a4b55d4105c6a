package dev.palimpsest.embed.train.release;

import dev.palimpsest.models.Head;
import java.util.Arrays;

/**
 * Symmetric quantisation with one scale a tensor: {@code q = round(w / s)}, s the largest magnitude over {@code 2^(bits - 1) - 1}. The
 * released numbers are {@code s q}; 8 bits are int8.
 */
public record Quantisation(int bits) implements ReleaseDefence {
    @Override
    public Head apply(Head head) {
        int most = (1 << (bits - 1)) - 1;
        return ReleaseDefence.each(head, values -> {
            double step = Arrays.stream(values).map(Math::abs).max().orElse(0) / most;
            for (int i = 0; step > 0 && i < values.length; i++) {
                values[i] = step * Math.rint(values[i] / step);
            }
            return values;
        });
    }
}
