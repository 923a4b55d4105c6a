package dev.palimpsest.models;

import ai.djl.Device;
import java.nio.file.Path;

/**
 * ViT (Dosovitskiy et al. 2021) and DINO (Caron et al. 2021), which is published in ViT's layout. Heads for classification are left
 * unread, and so is the pooler: the embedding is the class token after the last layer norm.
 */
final class Vit {
    private static final BlockNames BLOCKS = new BlockNames(
            "encoder.layer.",
            "layernorm_before",
            "attention.attention.query",
            "attention.attention.key",
            "attention.attention.value",
            "attention.output.dense",
            null,
            "layernorm_after",
            "intermediate.dense",
            "output.dense",
            null);

    private Vit() {}

    static Backbone open(Path folder, ModelConfig config, Device device) {
        TransformerSizes sizes = TransformerSizes.read(config, 16, 1e-12, Activation.Kind.GELU);
        try (Weights weights = Weights.open(folder)) {
            String prefix = weights.prefix("embeddings.cls_token", "vit.");
            String classToken = prefix + "embeddings.cls_token";
            PatchTokens.Names names = new PatchTokens.Names(
                    prefix + "embeddings.patch_embeddings.projection",
                    prefix + "embeddings.position_embeddings",
                    classToken,
                    null);
            BlockNames blocks = BLOCKS.below(prefix);
            Expected expected = new Expected()
                    .tensor(classToken, 1, 1, sizes.width())
                    .tensor(names.positions(), 1, 1 + sizes.patches(), sizes.width())
                    .dense(names.patches(), sizes.width(), 3, sizes.patch(), sizes.patch())
                    .norm(prefix + "layernorm", sizes.width())
                    .ignore(prefix + "pooler.", prefix + "embeddings.mask_token", "classifier.");
            blocks.expect(expected, sizes);
            return VisionTransformer.open(
                    folder,
                    device,
                    sizes,
                    weights,
                    expected,
                    manager -> new VisionTransformer.Parts(
                            new PatchTokens(weights, manager, sizes, names, PositionGrid.Method.BICUBIC),
                            null,
                            blocks.read(weights, manager, sizes),
                            new ClassTokenReadout(
                                    Norm.read(weights, manager, prefix + "layernorm", sizes.epsilon()), false)));
        }
    }
}
