package dev.palimpsest.models.unclip;

import dev.palimpsest.models.Expected;

/**
 * An attention layer before its weights are read.
 *
 * @param name what its tensors begin with
 */
record AttentionPlan(String name, int channels) {

    void expect(Expected expected, UNetSizes sizes) {
        long context = sizes.contextWidth();
        expected.norm(name + ".group_norm", channels)
                .dense(name + ".to_q", channels, channels)
                .dense(name + ".to_k", channels, channels)
                .dense(name + ".to_v", channels, channels)
                .dense(name + ".add_k_proj", channels, context)
                .dense(name + ".add_v_proj", channels, context)
                .dense(name + ".to_out.0", channels, channels);
    }
}
