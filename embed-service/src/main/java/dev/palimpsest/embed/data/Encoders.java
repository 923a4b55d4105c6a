package dev.palimpsest.embed.data;

import ai.djl.Device;
import dev.palimpsest.models.Backbones;
import java.nio.file.Path;

/** Opens what embeds, from the folder of a backbone. */
public final class Encoders {
    private Encoders() {}

    /**
     * @param size side of the input of a network that takes images; 0: its own
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link Backbones#open}
     */
    public static Encoder<?> open(Path folder, int size, Device device) {
        return new Embedder(Backbones.open(folder, device), size);
    }
}
