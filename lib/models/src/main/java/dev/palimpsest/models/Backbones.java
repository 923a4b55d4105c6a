package dev.palimpsest.models;

import ai.djl.Device;
import java.nio.file.Path;

/** Opens a backbone from its folder. */
public final class Backbones {
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
        if (config.text("model_type", "").equals("dinov2")) {
            return Dinov2.open(folder, device);
        }
        if (config.text("name", "").startsWith("efficientnet-lite")) {
            return EfficientNetLite.open(folder, device);
        }
        throw config.bad("model_type", "dinov2 (or a name of efficientnet-lite0)");
    }

    /** The folder's own name, which is what reports call its network. */
    static String nameOf(Path folder) {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? folder.toString() : last.toString();
    }
}
