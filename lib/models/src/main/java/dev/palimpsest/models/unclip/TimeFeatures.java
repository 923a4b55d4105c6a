package dev.palimpsest.models.unclip;

import dev.palimpsest.models.ModelConfig;

/**
 * Sines and cosines of a time step (Vaswani et al. 2017, section 3.5), with frequencies {@code w_k = 10000^(-k / (half - shift))}.
 * Operations are float32 one by one, as in the reference: at t = 999 the last bit of a frequency shows in the fifth digit.
 *
 * @param width even
 * @param cosineFirst whether the cosines come before the sines
 * @param shift lowers the lowest frequency
 */
record TimeFeatures(int width, boolean cosineFirst, float shift) {
    private static final float LOG = (float) -Math.log(10_000);

    static TimeFeatures read(ModelConfig config, int width) {
        if (width % 2 != 0) {
            throw config.bad("block_out_channels", "an even first number");
        }
        return new TimeFeatures(width, config.flag("flip_sin_to_cos", true), (float) config.number("freq_shift", 0));
    }

    /** @return {@code [width]} */
    float[] of(int timestep) {
        int half = width / 2;
        float[] features = new float[width];
        for (int k = 0; k < half; k++) {
            float angle = timestep * (float) Math.exp(LOG * k / (half - shift));
            features[k] = (float) (cosineFirst ? Math.cos(angle) : Math.sin(angle));
            features[half + k] = (float) (cosineFirst ? Math.sin(angle) : Math.cos(angle));
        }
        return features;
    }
}
