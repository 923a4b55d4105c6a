package dev.palimpsest.models;

/**
 * What config.json says about a vision transformer. A field that it leaves out has the value that the reference library gives it, which
 * differs between families.
 *
 * @param width of a token
 * @param depth number of blocks
 * @param heads number of attention heads
 * @param mlp width inside the MLP, after the activation
 * @param patch side of a patch in pixels
 * @param size side of the picture that the position embeddings are stored for
 * @param epsilon of the layer norms
 * @param activation inside the MLP
 * @param biased whether query, key and value have biases
 */
record TransformerSizes(
        int width,
        int depth,
        int heads,
        int mlp,
        int patch,
        int size,
        float epsilon,
        Activation.Kind activation,
        boolean biased) {

    static TransformerSizes read(ModelConfig config, int patch, double epsilon, Activation.Kind activation) {
        int width = config.count("hidden_size", 768);
        int heads = config.count("num_attention_heads", 12);
        if (width % heads != 0) {
            throw config.bad("num_attention_heads", "a divisor of hidden_size " + width);
        }
        if (config.count("num_channels", 3) != 3) {
            throw config.bad("num_channels", "3");
        }
        int size = config.count("image_size", 224);
        int side = config.count("patch_size", patch);
        if (side > size) {
            throw config.bad("patch_size", "no more than image_size " + size);
        }
        return new TransformerSizes(
                width,
                config.count("num_hidden_layers", 12),
                heads,
                config.count("intermediate_size", 3072),
                side,
                size,
                (float) config.number("layer_norm_eps", epsilon),
                Activation.Kind.read(config, activation),
                config.flag("qkv_bias", true));
    }

    /** The same with another MLP. */
    TransformerSizes withMlp(int hidden, Activation.Kind kind) {
        return new TransformerSizes(width, depth, heads, hidden, patch, size, epsilon, kind, biased);
    }

    /** Side of the stored grid of patches. */
    int grid() {
        return size / patch;
    }

    long patches() {
        return (long) grid() * grid();
    }
}
