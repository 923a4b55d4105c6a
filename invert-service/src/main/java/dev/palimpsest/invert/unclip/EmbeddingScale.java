package dev.palimpsest.invert.unclip;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import java.util.Locale;

/**
 * How long an embedding is. The decoder was trained on what CLIP's projection gives, whose length is far from 1 and says something; an
 * attack recovers the direction alone.
 */
public final class EmbeddingScale {
    private EmbeddingScale() {}

    /** Euclidean length. */
    public static double norm(float[] embedding) {
        double sum = 0;
        for (float value : embedding) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** The same direction with another length. */
    public static float[] scaled(float[] embedding, double norm) {
        double factor = norm / norm(embedding);
        float[] scaled = new float[embedding.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (embedding[i] * factor);
        }
        return scaled;
    }

    /**
     * A raw embedding of what the head saw, where an attack knows the direction alone: z-scores have mean square 1 a feature over what the
     * normaliser was fitted to, so their length is taken to be sqrt(d).
     *
     * @param scores {@code [d]} in the space of the head
     */
    public static float[] raw(double[] scores, Normaliser normaliser) {
        double squares = 0;
        for (double score : scores) {
            squares += score * score;
        }
        double factor = Math.sqrt(scores.length / squares);
        double[] typical = new double[scores.length];
        for (int i = 0; i < typical.length; i++) {
            typical[i] = scores[i] * factor;
        }
        return normaliser.invert(typical);
    }

    /** The same numbers as float64. */
    public static double[] wide(float[] embedding) {
        double[] wide = new double[embedding.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = embedding[i];
        }
        return wide;
    }

    /** @throws PalimpsestException {@code SHAPE_MISMATCH} or {@code NOT_FINITE} when an embedding cannot be one */
    public static void check(float[][] embeddings, int width) {
        for (int i = 0; i < embeddings.length; i++) {
            String which = embeddings.length == 1 ? "The embedding" : "Embedding " + i;
            if (embeddings[i].length != width) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        which + " has " + embeddings[i].length + " numbers, but the decoder takes " + width
                                + ". Embed with the network that the decoder was trained for.");
            }
            double norm = norm(embeddings[i]);
            if (!Double.isFinite(norm)) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE, which + " has NaN or infinite numbers; there is nothing to invert.");
            }
            if (norm < 1e-12) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        String.format(
                                Locale.ROOT,
                                "%s has length %.1e: it points nowhere, expected one above 0.",
                                which,
                                norm));
            }
        }
    }
}
