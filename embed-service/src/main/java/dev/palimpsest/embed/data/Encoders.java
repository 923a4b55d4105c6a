package dev.palimpsest.embed.data;

import ai.djl.Device;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.text.MiniLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Opens what embeds: a backbone from its folder, or the one for texts. */
public final class Encoders {
    private Encoders() {}

    /**
     * @param size side of the input of a network that takes images; 0: its own
     * @throws PalimpsestException as {@link Backbones#open}; DIGEST_MISMATCH when the folder stands for another edition of the text
     *     backbone than the one of this build
     */
    public static Encoder<?> open(Path folder, int size, Device device) {
        if (!TextBackbone.is(Backbones.family(folder))) {
            return new Embedder(Backbones.open(folder, device), size);
        }
        Path config = folder.resolve("config.json");
        try {
            if (!Arrays.equals(Files.readAllBytes(config), MiniLm.config())) {
                throw new PalimpsestException(
                        ErrorCode.DIGEST_MISMATCH,
                        "The audit was submitted with another edition of " + TextBackbone.NAME
                                + " than the embed service has; use the same release of both");
            }
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "Cannot read " + config + ": " + e.getMessage(), e);
        }
        return texts(1);
    }

    /** The backbone for texts. */
    public static Encoder<String> texts(int threads) {
        return new TextEncoder(MiniLm.open(threads));
    }
}
