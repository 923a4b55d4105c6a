package dev.palimpsest.models.unclip;

import dev.palimpsest.models.Expected;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block before its weights are read.
 *
 * @param name what its tensors begin with
 * @param attentions one for each residual layer (the middle: one between each two), or none
 * @param sampler the residual layer that changes the size at the end, or null where it stays
 */
record BlockPlan(
        String name,
        List<ResidualPlan> residuals,
        List<AttentionPlan> attentions,
        @Nullable ResidualPlan sampler) {
    BlockPlan {
        residuals = List.copyOf(residuals);
        attentions = List.copyOf(attentions);
    }

    void expect(Expected expected, UNetSizes sizes) {
        residuals.forEach(layer -> layer.expect(expected, sizes));
        attentions.forEach(layer -> layer.expect(expected, sizes));
        if (sampler != null) {
            sampler.expect(expected, sizes);
        }
    }
}
