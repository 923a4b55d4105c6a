package dev.palimpsest.invert.unclip;

import ai.djl.Device;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Normaliser;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Looks at pictures with the network that made the embeddings. It is in memory only while it looks: the decoder needs the room.
 *
 * @param encoder folder of the network
 * @param space of the head: both embeddings are compared in it; null: raw
 * @param wanted {@code [d]}, in that space
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record ReEmbedding(
        Path encoder, Device device, @Nullable Normaliser space, double[] wanted) implements Judge {

    @Override
    public double cosine(BufferedImage picture) {
        return cosine(embed(picture));
    }

    /** The cosine between a picture's raw embedding {@code [d]} and the wanted one. */
    public double cosine(float[] raw) {
        return cosine(space == null ? EmbeddingScale.wide(raw) : space.apply(raw), wanted);
    }

    /** The raw embedding {@code [d]} of a picture. */
    public float[] embed(BufferedImage picture) {
        try (Backbone network = Backbones.open(encoder, device)) {
            if (network.dimension() != wanted.length) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        encoder + " makes embeddings of " + network.dimension() + " numbers, but the one to invert has "
                                + wanted.length + ".");
            }
            return network.embed(picture, network.inputSize());
        }
    }

    private static double cosine(double[] a, double[] b) {
        double dot = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            ofA += a[i] * a[i];
            ofB += b[i] * b[i];
        }
        return dot / Math.sqrt(ofA * ofB);
    }
}
