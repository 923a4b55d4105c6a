package dev.palimpsest.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One convolution of an EfficientNet-Lite, as config.json describes it; batch norm is folded into weight and bias.
 *
 * @param name of its tensors: {@code name.weight}, {@code name.bias}
 * @param inputs channels
 * @param outputs channels; equal to inputs for a depthwise convolution
 * @param kernel side
 * @param stride both ways
 * @param depthwise one filter per channel
 * @param clipped whether ReLU6 follows
 * @param residual whether the input of this layer's block is added to its output
 * @param opens whether a block starts here, whose input a residual would add
 */
record EfficientNetLayer(
        String name,
        int inputs,
        int outputs,
        int kernel,
        int stride,
        boolean depthwise,
        boolean clipped,
        boolean residual,
        boolean opens) {

    /** Every convolution in order, inverted residuals taken apart into expand, depthwise and project. */
    static List<EfficientNetLayer> read(ModelConfig config) {
        List<EfficientNetLayer> layers = new ArrayList<>();
        int channels = 3;
        for (JsonNode json : config.json().path("layers")) {
            ModelConfig layer = new ModelConfig(
                    config.origin() + ": layer " + json.path("name").asText("without name"), json);
            String type = layer.text("type", "");
            if (type.equals("global_average")) {
                continue;
            }
            if (layer.count("inputs") != channels) {
                throw layer.bad("inputs", "the " + channels + " channels that come before");
            }
            switch (type) {
                case "conv" -> layers.add(conv(layer));
                case "inverted_residual" -> addInvertedResidual(layer, layers);
                default -> throw layer.bad("type", "conv, inverted_residual or global_average");
            }
            channels = layer.count("outputs");
        }
        if (layers.isEmpty()) {
            throw config.bad("layers", "a list of layers");
        }
        return layers;
    }

    private static EfficientNetLayer conv(ModelConfig layer) {
        return new EfficientNetLayer(
                layer.text("name", ""),
                layer.count("inputs"),
                layer.count("outputs"),
                layer.count("kernel"),
                layer.count("stride"),
                false,
                clipped(layer, "activation"),
                false,
                true);
    }

    /** MobileNetV2's block (Sandler et al. 2018, section 3.3): 1x1 up, depthwise, 1x1 down. */
    private static void addInvertedResidual(ModelConfig layer, List<EfficientNetLayer> layers) {
        String name = layer.text("name", "");
        int inputs = layer.count("inputs");
        int outputs = layer.count("outputs");
        int hidden = layer.count("hidden");
        int stride = layer.count("stride");
        boolean residual = layer.flag("residual", false);
        if (residual && (inputs != outputs || stride != 1)) {
            throw layer.bad("residual", "false, since the block changes the shape");
        }
        ModelConfig activation = layer.object("activation");
        boolean expands = layer.count("expansion") > 1;
        if (expands) {
            boolean clipped = clipped(activation, "expand");
            layers.add(new EfficientNetLayer(name + ".expand", inputs, hidden, 1, 1, false, clipped, false, true));
        } else if (hidden != inputs) {
            throw layer.bad("hidden", "the " + inputs + " inputs, since expansion is 1");
        }
        int kernel = layer.count("kernel");
        boolean clipped = clipped(activation, "depthwise");
        layers.add(new EfficientNetLayer(
                name + ".depthwise", hidden, hidden, kernel, stride, true, clipped, false, !expands));
        boolean projected = clipped(activation, "project");
        layers.add(new EfficientNetLayer(name + ".project", hidden, outputs, 1, 1, false, projected, residual, false));
    }

    private static boolean clipped(ModelConfig config, String field) {
        return switch (config.text(field, "none")) {
            case "relu6" -> true;
            case "none" -> false;
            default -> throw config.bad(field, "relu6 or none");
        };
    }

    /** Adds the shapes of weight and bias. */
    void expect(Expected expected) {
        expected.dense(name, outputs, depthwise ? 1 : inputs, kernel, kernel);
    }
}
