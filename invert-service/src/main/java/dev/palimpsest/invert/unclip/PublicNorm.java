package dev.palimpsest.invert.unclip;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;

/** How long a network's embeddings are, from pictures that anybody may look at. */
public final class PublicNorm {
    private PublicNorm() {}

    /**
     * The mean length of the raw embeddings of some public pictures.
     *
     * @param pictures image files, no members among them
     * @param progress told how many are done
     * @throws PalimpsestException {@code NOT_FOUND} without pictures, or for one that can't be read
     */
    public static double measure(Backbone network, List<Path> pictures, IntConsumer progress) {
        if (pictures.isEmpty()) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "There are no public pictures to measure lengths on.");
        }
        double sum = 0;
        for (int i = 0; i < pictures.size(); i++) {
            sum += norm(network, pictures.get(i));
            progress.accept(i + 1);
        }
        return sum / pictures.size();
    }

    private static double norm(Backbone network, Path picture) {
        try {
            byte[] file = Files.readAllBytes(picture);
            return EmbeddingScale.norm(
                    network.embed(ImageDecoder.decode(file, picture.toString()), network.inputSize()));
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "A picture cannot be read: " + e.getMessage() + ".", e);
        }
    }
}
