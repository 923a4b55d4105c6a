package dev.palimpsest.embed.train.release;

import dev.palimpsest.models.Head;

/** Every weight and bias to so many decimals. */
public record Rounding(int decimals) implements ReleaseDefence {
    @Override
    public Head apply(Head head) {
        double unit = Math.pow(10, decimals);
        return ReleaseDefence.each(head, values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.rint(values[i] * unit) / unit;
            }
            return values;
        });
    }
}
