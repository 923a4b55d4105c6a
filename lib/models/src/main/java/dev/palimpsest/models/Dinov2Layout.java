package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Sizes and tensor names of a DINOv2 folder.
 *
 * @param width of a token
 * @param depth number of blocks
 * @param heads number of attention heads
 * @param mlp width inside the MLP
 * @param patch side of a patch in pixels
 * @param storedGrid side of the grid that the position embeddings are stored for
 * @param epsilon of the layer norms
 * @param biased whether query, key and value have biases
 */
record Dinov2Layout(
        int width, int depth, int heads, int mlp, int patch, int storedGrid, float epsilon, boolean biased) {
    static final String CLASS_TOKEN = "embeddings.cls_token";
    static final String POSITIONS = "embeddings.position_embeddings";
    static final String PATCHES = "embeddings.patch_embeddings.projection";
    /** Used while pre-training only. */
    static final Set<String> IGNORED = Set.of("embeddings.mask_token");

    /** Reads config.json; a missing field has the value that the reference library gives it. */
    static Dinov2Layout read(ModelConfig config) {
        if (!config.text("model_type", "dinov2").equals("dinov2")) {
            throw config.bad("model_type", "dinov2");
        }
        if (config.flag("use_swiglu_ffn", false)) {
            throw config.bad(
                    "use_swiglu_ffn", "false: the SwiGLU variant (giant) is not supported; use small, base or large");
        }
        if (!config.text("hidden_act", "gelu").equals("gelu")) {
            throw config.bad("hidden_act", "gelu");
        }
        int width = config.count("hidden_size", 768);
        int heads = config.count("num_attention_heads", 12);
        if (width % heads != 0) {
            throw config.bad("num_attention_heads", "a divisor of hidden_size " + width);
        }
        int patch = config.count("patch_size", 14);
        return new Dinov2Layout(
                width,
                config.count("num_hidden_layers", 12),
                heads,
                (int) (width * config.number("mlp_ratio", 4)),
                patch,
                config.count("image_size", 224) / patch,
                (float) config.number("layer_norm_eps", 1e-6),
                config.flag("qkv_bias", true));
    }

    /** Every tensor that is read, with its shape. */
    Map<String, Shape> expected() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(CLASS_TOKEN, new Shape(1, 1, width));
        shapes.put(POSITIONS, new Shape(1, 1 + (long) storedGrid * storedGrid, width));
        dense(shapes, PATCHES, new Shape(width, 3, patch, patch));
        for (int k = 0; k < depth; k++) {
            String block = prefix(k);
            norm(shapes, block + "norm1");
            norm(shapes, block + "norm2");
            for (String part : Set.of("query", "key", "value")) {
                shapes.put(block + "attention.attention." + part + ".weight", new Shape(width, width));
                if (biased) {
                    shapes.put(block + "attention.attention." + part + ".bias", new Shape(width));
                }
            }
            dense(shapes, block + "attention.output.dense", new Shape(width, width));
            dense(shapes, block + "mlp.fc1", new Shape(mlp, width));
            dense(shapes, block + "mlp.fc2", new Shape(width, mlp));
            shapes.put(block + "layer_scale1.lambda1", new Shape(width));
            shapes.put(block + "layer_scale2.lambda1", new Shape(width));
        }
        norm(shapes, "layernorm");
        return shapes;
    }

    private void norm(Map<String, Shape> shapes, String name) {
        shapes.put(name + ".weight", new Shape(width));
        shapes.put(name + ".bias", new Shape(width));
    }

    private static void dense(Map<String, Shape> shapes, String name, Shape weight) {
        shapes.put(name + ".weight", weight);
        shapes.put(name + ".bias", new Shape(weight.get(0)));
    }

    private static String prefix(int block) {
        return "encoder.layer." + block + ".";
    }

    /** Reads block {@code k}, folding what {@link TransformerBlock} says is folded. */
    TransformerBlock block(Weights weights, NDManager manager, int k) {
        String block = prefix(k);
        return new TransformerBlock(
                heads,
                epsilon,
                TransformerBlock.LayerNormWeights.read(weights, manager, block + "norm1"),
                queryKeyValue(weights, manager, block + "attention.attention."),
                scaled(weights, manager, block + "attention.output.dense", block + "layer_scale1.lambda1"),
                TransformerBlock.LayerNormWeights.read(weights, manager, block + "norm2"),
                new TransformerBlock.Dense(
                        weights.array(manager, block + "mlp.fc1.weight"),
                        weights.array(manager, block + "mlp.fc1.bias")),
                scaled(weights, manager, block + "mlp.fc2", block + "layer_scale2.lambda1"));
    }

    private TransformerBlock.Dense queryKeyValue(Weights weights, NDManager manager, String prefix) {
        float[] weight = new float[3 * width * width];
        float[] bias = new float[3 * width];
        String[] parts = {"query", "key", "value"};
        for (int p = 0; p < 3; p++) {
            float scale = p == 0 ? (float) (1 / Math.sqrt((double) width / heads)) : 1;
            copyScaled(weights.floats(prefix + parts[p] + ".weight"), scale, weight, p * width * width);
            if (biased) {
                copyScaled(weights.floats(prefix + parts[p] + ".bias"), scale, bias, p * width);
            }
        }
        return new TransformerBlock.Dense(
                manager.create(weight, new Shape(3L * width, width)), manager.create(bias, new Shape(3L * width)));
    }

    private static void copyScaled(float[] from, float scale, float[] to, int offset) {
        for (int i = 0; i < from.length; i++) {
            to[offset + i] = from[i] * scale;
        }
    }

    /** A dense layer with its layer scale, {@code [width]}, multiplied into rows and bias. */
    private static TransformerBlock.Dense scaled(Weights weights, NDManager manager, String name, String scale) {
        try (NDArray perRow = weights.array(manager, scale);
                NDArray column = perRow.reshape(-1, 1);
                NDArray weight = weights.array(manager, name + ".weight");
                NDArray bias = weights.array(manager, name + ".bias")) {
            return new TransformerBlock.Dense(weight.mul(column), bias.mul(perRow));
        }
    }
}
