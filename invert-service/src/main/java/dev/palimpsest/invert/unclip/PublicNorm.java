package dev.palimpsest.invert.unclip;

import ai.djl.Device;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How long a network's embeddings are, from pictures that anybody may look at. */
public final class PublicNorm {
    private PublicNorm() {}

    /**
     * The mean length of the raw embeddings of some public pictures.
     *
     * @param encoder folder of the network
     * @param pictures image files, no members among them
     */
    public static double measure(Path encoder, Device device, List<Path> pictures) {
        if (pictures.isEmpty()) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "There are no public pictures to measure lengths on.");
        }
        double sum = 0;
        try (Backbone network = Backbones.open(encoder, device)) {
            int side = network.inputSize();
            for (Path picture : pictures) {
                sum += EmbeddingScale.norm(
                        network.embed(ImageDecoder.decode(Files.readAllBytes(picture), picture.toString()), side));
            }
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "A picture cannot be read: " + e.getMessage() + ".", e);
        }
        return sum / pictures.size();
    }
}
