package dev.palimpsest.invert.prior;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import org.jspecify.annotations.Nullable;

/** Whether an embedding can be inverted with a backbone at all, said before a minute is spent on it. */
final class SpaceCheck {
    private SpaceCheck() {}

    /**
     * @throws PalimpsestException {@code SHAPE_MISMATCH} for another width than the backbone's, {@code NOT_FINITE} for NaN or infinity,
     *     {@code BAD_DATA} for the zero vector, which points nowhere
     */
    static void check(Backbone backbone, @Nullable Normaliser normaliser, double[] embedding) {
        int width = backbone.dimension();
        if (embedding.length != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The embedding has %d numbers, but backbone %s makes %d. Use the backbone that the embedding was made with."
                            .formatted(embedding.length, backbone.name(), width));
        }
        if (normaliser != null && normaliser.width() != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The normaliser is for %d features, but backbone %s makes %d. Use the normaliser that was made with this backbone."
                            .formatted(normaliser.width(), backbone.name(), width));
        }
        for (int i = 0; i < width; i++) {
            if (!Double.isFinite(embedding[i])) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        "Number %d of the embedding is %s, expected a finite one. Make the embedding again."
                                .formatted(i, embedding[i]));
            }
        }
        if (length(embedding) == 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "The embedding is zero: it points nowhere, and no picture can be made from it.");
        }
    }

    /** Checks that the backbone takes pictures of that size. */
    static void check(Backbone backbone, int size) {
        if (!backbone.accepts(size)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Backbone %s does not take pictures of %d pixels. Use %d, the size of its own preprocessing."
                            .formatted(backbone.name(), size, backbone.inputSize()));
        }
    }

    /**
     * Checks that pictures fit into memory, before anything is allocated.
     *
     * @param free bytes on the device
     * @throws PalimpsestException {@code BAD_SPEC}, with the figures
     */
    static void memory(Painting painting, int size, int pictures, long free) {
        long needed = pictures * painting.bytes(size);
        if (needed > free) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "%s of %d pixels needs about %d MiB beside the backbone, but %d MiB are free. Use a smaller size%s, or end other programs."
                            .formatted(
                                    pictures == 1 ? "A picture" : "A batch of " + pictures + " pictures",
                                    size,
                                    needed >> 20,
                                    free >> 20,
                                    pictures == 1 ? "" : ", fewer at a time"));
        }
    }

    /** The Euclidean length; scaled, so that huge numbers do not overflow. */
    static double length(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        if (largest == 0) {
            return 0;
        }
        double sum = 0;
        for (double value : values) {
            sum += (value / largest) * (value / largest);
        }
        return largest * Math.sqrt(sum);
    }
}
