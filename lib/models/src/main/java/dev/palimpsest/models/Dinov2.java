package dev.palimpsest.models;

import ai.djl.Device;
import java.nio.file.Path;

/**
 * DINOv2 (Oquab et al. 2024), also with registers (Darcet et al. 2024) and with the SwiGLU blocks of its giant. The embedding is the
 * class token after the last layer norm.
 */
final class Dinov2 {
    private static final String WITH_REGISTERS = "dinov2_with_registers";
    private static final BlockNames BLOCKS = blocks("mlp.fc1", "mlp.fc2");
    private static final BlockNames GATED_BLOCKS = blocks("mlp.weights_in", "mlp.weights_out");

    private Dinov2() {}

    private static BlockNames blocks(String up, String down) {
        return new BlockNames(
                "encoder.layer.",
                "norm1",
                "attention.attention.query",
                "attention.attention.key",
                "attention.attention.value",
                "attention.output.dense",
                "layer_scale1.lambda1",
                "norm2",
                up,
                down,
                "layer_scale2.lambda1");
    }

    static Backbone open(Path folder, ModelConfig config, Device device) {
        TransformerSizes sizes = sizes(config);
        boolean registers = Backbones.modelType(config).equals(WITH_REGISTERS);
        try (Weights weights = Weights.open(folder)) {
            String prefix = weights.prefix("embeddings.cls_token", registers ? WITH_REGISTERS + "." : "dinov2.");
            String classToken = prefix + "embeddings.cls_token";
            PatchTokens.Names names = new PatchTokens.Names(
                    prefix + "embeddings.patch_embeddings.projection",
                    prefix + "embeddings.position_embeddings",
                    classToken,
                    registers ? prefix + "embeddings.register_tokens" : null);
            BlockNames blocks = (sizes.activation() == Activation.Kind.SWIGLU ? GATED_BLOCKS : BLOCKS).below(prefix);
            Expected expected = new Expected()
                    .tensor(classToken, 1, 1, sizes.width())
                    .tensor(names.positions(), 1, 1 + sizes.patches(), sizes.width())
                    .dense(names.patches(), sizes.width(), 3, sizes.patch(), sizes.patch())
                    .norm(prefix + "layernorm", sizes.width())
                    .ignore(prefix + "embeddings.mask_token", "classifier.");
            if (names.registers() != null) {
                expected.tensor(names.registers(), 1, config.count("num_register_tokens", 4), sizes.width());
            }
            blocks.expect(expected, sizes);
            return VisionTransformer.open(
                    folder,
                    device,
                    sizes,
                    weights,
                    expected,
                    manager -> new VisionTransformer.Parts(
                            new PatchTokens(
                                    weights,
                                    manager,
                                    sizes,
                                    names,
                                    registers ? PositionGrid.Method.ANTIALIASED : PositionGrid.Method.BICUBIC),
                            null,
                            blocks.read(weights, manager, sizes),
                            new ClassTokenReadout(
                                    Norm.read(weights, manager, prefix + "layernorm", sizes.epsilon()), true)));
        }
    }

    /** The MLP's width is a ratio; a gated one has two thirds of it, rounded up to a multiple of 8. */
    private static TransformerSizes sizes(ModelConfig config) {
        boolean registers = Backbones.modelType(config).equals(WITH_REGISTERS);
        TransformerSizes sizes = TransformerSizes.read(config, registers ? 16 : 14, 1e-6, Activation.Kind.GELU);
        int hidden = (int) (sizes.width() * config.number("mlp_ratio", 4));
        return config.flag("use_swiglu_ffn", false)
                ? sizes.withMlp((hidden * 2 / 3 + 7) / 8 * 8, Activation.Kind.SWIGLU)
                : sizes.withMlp(hidden, sizes.activation());
    }
}
