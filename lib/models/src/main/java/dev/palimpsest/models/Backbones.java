package dev.palimpsest.models;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Opens a backbone from its folder. */
public final class Backbones {
    /** A family, from a folder and its config.json. */
    @FunctionalInterface
    private interface Family {
        Backbone open(Path folder, ModelConfig config, Device device);
    }

    /** Under {@code model_type}. */
    private static final Map<String, Family> FAMILIES = new TreeMap<>(Map.of(
            "vit", Vit::open,
            "dinov2", Dinov2::open,
            "dinov2_with_registers", Dinov2::open,
            "clip", Clip::open,
            "clip_vision_model", Clip::open,
            "siglip", Siglip::open,
            "siglip_vision_model", Siglip::open,
            "efficientnet-lite", EfficientNetLite::open));

    private Backbones() {}

    /**
     * Opens the network of a folder; its config.json says which family it is.
     *
     * @param folder config.json, weights in safetensors, and preprocessor_config.json where the family has one
     * @param device where the weights go; see {@link Torch#device}
     * @throws dev.palimpsest.contracts.PalimpsestException {@code NOT_FOUND}, {@code BAD_FILE}, {@code SHAPE_MISMATCH} or {@code
     *     NOT_FINITE}, naming the file, what was expected and what was found
     */
    public static Backbone open(Path folder, Device device) {
        ModelConfig config = ModelConfig.read(folder, "config.json");
        Family family = FAMILIES.get(modelType(config));
        if (family == null) {
            throw config.bad("model_type", "one of " + String.join(", ", FAMILIES.keySet()));
        }
        return family.open(folder, config, device);
    }

    /** The family that a folder's config.json names, as in {@code vit}; empty when it names none. */
    public static String family(Path folder) {
        return modelType(ModelConfig.read(folder, "config.json"));
    }

    /**
     * What the side of pictures for a folder's network has to be a multiple of, by its config.json: the patch of a transformer; 1 for others,
     * whose smallest side only the network itself knows.
     */
    public static int patch(Path folder) {
        JsonNode config = ModelConfig.read(folder, "config.json").json();
        JsonNode vision = config.path("vision_config");
        return Math.max(
                1, (vision.isObject() ? vision : config).path("patch_size").asInt(1));
    }

    /** The {@code model_type} of config.json, or what its {@code architectures} or {@code name} say when it has none; else empty. */
    static String modelType(ModelConfig config) {
        if (config.has("model_type")) {
            return config.text("model_type", "");
        }
        if (config.text("name", "").startsWith("efficientnet-lite")) {
            return "efficientnet-lite";
        }
        for (JsonNode architecture : config.json().path("architectures")) {
            String name = architecture.asText().replaceAll("(Model|For).*", "");
            switch (name) {
                case "ViT":
                    return "vit";
                case "Dinov2":
                    return "dinov2";
                case "Dinov2WithRegisters":
                    return "dinov2_with_registers";
                case "CLIP":
                    return "clip";
                case "CLIPVision":
                    return "clip_vision_model";
                case "Siglip":
                    return "siglip";
                case "SiglipVision":
                    return "siglip_vision_model";
                default:
            }
        }
        return "";
    }

    /** The folder's own name, which is what reports call its network. */
    static String nameOf(Path folder) {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? folder.toString() : last.toString();
    }
}
