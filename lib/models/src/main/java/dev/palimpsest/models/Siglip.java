package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * The vision tower of SigLIP (Zhai et al. 2023), from a checkpoint of its own or of the whole model; the text tower is left unread.
 * There is no class token: a learned probe attends to all patches, and what it collects is the embedding, not normalised.
 */
final class Siglip {
    private static final String TOWER = "vision_model.";
    private static final String HEAD = TOWER + "head.";
    private static final String POST_NORM = TOWER + "post_layernorm";
    private static final PatchTokens.Names TOKENS = new PatchTokens.Names(
            TOWER + "embeddings.patch_embedding", TOWER + "embeddings.position_embedding.weight", null, null);

    private Siglip() {}

    static Backbone open(Path folder, ModelConfig whole, Device device) {
        ModelConfig config = whole.has("vision_config") ? whole.object("vision_config") : whole;
        if (!config.flag("vision_use_head", true)) {
            throw config.bad("vision_use_head", "true, since the head's output is the embedding");
        }
        TransformerSizes sizes = TransformerSizes.read(config, 16, 1e-6, Activation.Kind.GELU_TANH);
        long width = sizes.width();
        Expected expected = new Expected()
                .tensor(TOKENS.positions(), sizes.patches(), width)
                .dense(TOKENS.patches(), width, 3, sizes.patch(), sizes.patch())
                .norm(POST_NORM, width)
                .tensor(HEAD + "probe", 1, 1, width)
                .tensor(HEAD + "attention.in_proj_weight", 3 * width, width)
                .tensor(HEAD + "attention.in_proj_bias", 3 * width)
                .dense(HEAD + "attention.out_proj", width, width)
                .norm(HEAD + "layernorm", width)
                .dense(HEAD + "mlp.fc1", sizes.mlp(), width)
                .dense(HEAD + "mlp.fc2", width, sizes.mlp())
                .ignore("text_model.", "logit_scale", "logit_bias", TOWER + "embeddings.position_ids");
        Clip.BLOCKS.expect(expected, sizes);
        try (Weights weights = Weights.open(folder)) {
            return VisionTransformer.open(
                    folder,
                    device,
                    sizes,
                    weights,
                    expected,
                    manager -> new VisionTransformer.Parts(
                            new PatchTokens(weights, manager, sizes, TOKENS, PositionGrid.Method.BICUBIC),
                            null,
                            Clip.BLOCKS.read(weights, manager, sizes),
                            new Probe(weights, manager, sizes)));
        }
    }

    /**
     * {@code y + mlp(norm(y))} of {@code y = attention(probe, tokens, tokens)}. The query never changes, so it is multiplied into the
     * matrix of the keys when the weights are read; a key's bias adds the same to every logit and falls out of the softmax.
     */
    private static final class Probe implements VisionTransformer.Readout {
        private final int heads;
        private final Norm postNorm;
        /** {@code [heads, width]}: what a token is multiplied with for its logits. */
        private final Dense logits;

        private final Dense value;
        private final Dense projection;
        private final Norm norm;
        private final Mlp mlp;

        Probe(Weights weights, NDManager manager, TransformerSizes sizes) {
            this.heads = sizes.heads();
            this.postNorm = Norm.read(weights, manager, POST_NORM, sizes.epsilon());
            try (NDManager scope = manager.newSubManager()) {
                long width = sizes.width();
                NDArray weight = weights.array(scope, HEAD + "attention.in_proj_weight");
                NDArray bias = weights.array(scope, HEAD + "attention.in_proj_bias");
                NDIndex third = new NDIndex("{}:", 2 * width);
                NDArray query = weights.array(scope, HEAD + "probe")
                        .reshape(1, width)
                        .matMul(weight.get(new NDIndex(":{}", width)).transpose())
                        .add(bias.get(new NDIndex(":{}", width)))
                        .mul(1 / Math.sqrt((double) width / heads))
                        .reshape(heads, 1, width / heads);
                NDArray keys =
                        weight.get(new NDIndex("{}:{}", width, 2 * width)).reshape(heads, width / heads, width);
                this.logits = new Dense(kept(query.matMul(keys).reshape(heads, width), manager), null);
                this.value = new Dense(
                        kept(weight.get(third).duplicate(), manager),
                        kept(bias.get(third).duplicate(), manager));
            }
            this.projection = Dense.read(weights, manager, HEAD + "attention.out_proj");
            this.norm = Norm.read(weights, manager, HEAD + "layernorm", sizes.epsilon());
            this.mlp = new Mlp(
                    Dense.read(weights, manager, HEAD + "mlp.fc1"),
                    new Activation(sizes.activation(), manager),
                    Dense.read(weights, manager, HEAD + "mlp.fc2"));
        }

        private static NDArray kept(NDArray array, NDManager manager) {
            array.attach(manager);
            return array;
        }

        @Override
        public int dimension() {
            return (int) norm.gain().getShape().get(0);
        }

        @Override
        public boolean firstOnly() {
            return false;
        }

        @Override
        public NDArray embed(NDArray tokens, BiConsumer<String, NDArray> observer) {
            long n = tokens.getShape().get(0);
            long length = tokens.getShape().get(1);
            long width = tokens.getShape().get(2);
            NDArray last = postNorm.apply(tokens);
            observer.accept("last_hidden_state", last);
            // [n, heads, 1, T]
            NDArray attended = logits.apply(last).transpose(0, 2, 1).softmax(-1).reshape(n, heads, 1, length);
            NDArray values =
                    value.apply(last).reshape(n, length, heads, width / heads).transpose(0, 2, 1, 3);
            NDArray mixed = projection.apply(attended.matMul(values).reshape(n, width));
            NDArray pooled = mixed.add(mlp.apply(norm.apply(mixed)));
            observer.accept("pooler_output", pooled);
            return pooled;
        }
    }
}
