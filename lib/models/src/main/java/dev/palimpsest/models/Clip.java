package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The vision tower of CLIP (Radford et al. 2021), from a checkpoint of its own or of the whole model; the text tower is left unread.
 * The embedding is the class token after the last layer norm, projected into the space that pictures and texts share, not normalised.
 */
final class Clip {
    private static final String TOWER = "vision_model.";
    private static final String PROJECTION = "visual_projection";
    private static final String CLASS_TOKEN = TOWER + "embeddings.class_embedding";
    private static final PatchTokens.Names TOKENS = new PatchTokens.Names(
            TOWER + "embeddings.patch_embedding", TOWER + "embeddings.position_embedding.weight", CLASS_TOKEN, null);
    /** SigLIP's, too. */
    static final BlockNames BLOCKS = new BlockNames(
            TOWER + "encoder.layers.",
            "layer_norm1",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.out_proj",
            null,
            "layer_norm2",
            "mlp.fc1",
            "mlp.fc2",
            null);
    // Spelled so in the published files.
    private static final String PRE_NORM = TOWER + "pre_layrnorm";
    private static final String POST_NORM = TOWER + "post_layernorm";

    private Clip() {}

    static Backbone open(Path folder, ModelConfig whole, Device device) {
        ModelConfig config = whole.has("vision_config") ? whole.object("vision_config") : whole;
        TransformerSizes sizes = TransformerSizes.read(config, 32, 1e-5, Activation.Kind.QUICK_GELU);
        long width = sizes.width();
        try (Weights weights = Weights.open(folder)) {
            boolean projected = !whole.names("architectures", "CLIPVisionModel") || weights.has(PROJECTION + ".weight");
            Expected expected = new Expected()
                    .tensor(CLASS_TOKEN, width)
                    .tensor(TOKENS.positions(), 1 + sizes.patches(), width)
                    .tensor(TOKENS.patches() + ".weight", width, 3, sizes.patch(), sizes.patch())
                    .norm(PRE_NORM, width)
                    .norm(POST_NORM, width)
                    .ignore("text_model.", "text_projection.", "logit_scale", TOWER + "embeddings.position_ids");
            if (projected) {
                // Its height is wherever the texts live; config.json of the vision tower alone may say otherwise.
                expected.tensor(PROJECTION + ".weight", weights.rows(PROJECTION + ".weight", 512), width);
            }
            BLOCKS.expect(expected, sizes);
            return VisionTransformer.open(
                    folder,
                    device,
                    sizes,
                    weights,
                    expected,
                    manager -> new VisionTransformer.Parts(
                            new PatchTokens(weights, manager, sizes, TOKENS, PositionGrid.Method.BICUBIC),
                            Norm.read(weights, manager, PRE_NORM, sizes.epsilon()),
                            BLOCKS.read(weights, manager, sizes),
                            new Projected(
                                    Norm.read(weights, manager, POST_NORM, sizes.epsilon()),
                                    projected ? Dense.read(weights, manager, PROJECTION) : null)));
        }
    }

    /**
     * The class token, normed, then projected.
     *
     * @param projection null when the checkpoint has none
     */
    private record Projected(Norm norm, @Nullable Dense projection) implements VisionTransformer.Readout {
        private static final NDIndex FIRST = new NDIndex(":, 0");

        @Override
        public int dimension() {
            return (int) (projection == null ? norm.gain() : projection.weight())
                    .getShape()
                    .get(0);
        }

        @Override
        public boolean firstOnly() {
            return true;
        }

        @Override
        public NDArray embed(NDArray tokens, BiConsumer<String, NDArray> observer) {
            // The reference names the tokens before the last norm so.
            observer.accept("last_hidden_state", tokens);
            NDArray pooled = norm.apply(tokens.get(FIRST));
            observer.accept("pooler_output", pooled);
            return projection == null ? pooled : projection.apply(pooled);
        }
    }
}
