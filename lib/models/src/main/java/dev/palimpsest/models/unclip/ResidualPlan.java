package dev.palimpsest.models.unclip;

import dev.palimpsest.models.Expected;

/**
 * A residual layer before its weights are read.
 *
 * @param name what its tensors begin with
 * @param in channels
 * @param out channels; the shortcut is a 1x1 convolution where they differ
 */
record ResidualPlan(String name, int in, int out, Sampling sampling) {

    void expect(Expected expected, UNetSizes sizes) {
        expected.norm(name + ".norm1", in)
                .dense(name + ".conv1", out, in, 3, 3)
                .dense(name + ".time_emb_proj", sizes.scaleShift() ? 2L * out : out, sizes.timeWidth())
                .norm(name + ".norm2", out)
                .dense(name + ".conv2", out, out, 3, 3);
        if (in != out) {
            expected.dense(name + ".conv_shortcut", out, in, 1, 1);
        }
    }
}
