package dev.palimpsest.models;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The z-score that stands between a backbone and a head: {@code (x - mean) / std} for each of the {@code d} features, in float64.
 *
 * @param mean {@code [d]}
 * @param std {@code [d]}, every entry above 0
 */
@SuppressWarnings("ArrayRecordComponent") // d numbers each, compared by nobody
public record Normaliser(double[] mean, double[] std) {

    /** Validates: same width, finite, positive deviations. */
    public Normaliser {
        check(mean, std, "normaliser");
    }

    /** The width {@code d}. */
    public int width() {
        return mean.length;
    }

    /**
     * Mean and standard deviation (n - 1 in the denominator) of the rows. A feature that never changes gets deviation 1, so that it
     * becomes 0 rather than infinite.
     *
     * @param raw {@code [n, width]} row by row, n at least 2
     */
    public static Normaliser fit(float[] raw, int width) {
        int n = rows(raw.length, width);
        if (n < 2) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "A normaliser needs at least two embeddings, found " + n + ". Add images.");
        }
        double[] mean = new double[width];
        double[] std = new double[width];
        for (int i = 0; i < raw.length; i++) {
            mean[i % width] += raw[i] / (double) n;
        }
        for (int i = 0; i < raw.length; i++) {
            double centred = raw[i] - mean[i % width];
            std[i % width] += centred * centred;
        }
        for (int j = 0; j < width; j++) {
            double deviation = Math.sqrt(std[j] / (n - 1));
            // Below the rounding of float32 inputs a feature is constant.
            std[j] = deviation > 1e-12 * (1 + Math.abs(mean[j])) ? deviation : 1;
        }
        return new Normaliser(mean, std);
    }

    /** Reads the tensors {@code mean} and {@code std} of a safetensors file. */
    public static Normaliser read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return from(tensors, file.toString());
        }
    }

    /**
     * Reads the same from a stream.
     *
     * @param origin what errors call it
     */
    public static Normaliser read(InputStream in, String origin) {
        try (Safetensors tensors = Safetensors.read(in, origin)) {
            return from(tensors, origin);
        }
    }

    private static Normaliser from(Safetensors tensors, String origin) {
        double[] mean = tensors.tensor("mean").toDoubles();
        double[] std = tensors.tensor("std").toDoubles();
        check(mean, std, origin);
        return new Normaliser(mean, std);
    }

    /** Writes {@code mean} and {@code std} as float64. */
    public void save(Path file) {
        SafetensorsWriter.write(file, tensors(), Map.of());
    }

    /** Writes {@code mean} and {@code std} as float64; the stream stays open. */
    public void save(OutputStream out) {
        SafetensorsWriter.write(out, tensors(), Map.of());
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("mean", Tensor.ofDoubles(mean, width()));
        tensors.put("std", Tensor.ofDoubles(std, width()));
        return tensors;
    }

    /**
     * Raw embeddings to z-scores.
     *
     * @param raw {@code [n, d]} row by row
     * @return {@code [n, d]} row by row
     */
    public double[] apply(float[] raw) {
        rows(raw.length, width());
        double[] scores = new double[raw.length];
        for (int i = 0; i < raw.length; i++) {
            int feature = i % mean.length;
            scores[i] = (raw[i] - mean[feature]) / std[feature];
        }
        return scores;
    }

    /**
     * Z-scores back to raw embeddings: the inverse of {@link #apply}.
     *
     * @param scores {@code [n, d]} row by row
     */
    public float[] invert(double[] scores) {
        rows(scores.length, width());
        float[] raw = new float[scores.length];
        for (int i = 0; i < scores.length; i++) {
            int feature = i % mean.length;
            raw[i] = (float) (scores[i] * std[feature] + mean[feature]);
        }
        return raw;
    }

    private static int rows(int length, int width) {
        if (width < 1 || length % width != 0) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    length + " numbers are not rows of " + width
                            + ": the embeddings and the normaliser are of different networks.");
        }
        return length / width;
    }

    private static void check(double[] mean, double[] std, String origin) {
        if (mean.length != std.length || mean.length == 0) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    origin + ": mean has " + mean.length + " numbers and std " + std.length
                            + "; expected the width of the embedding for both.");
        }
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !Double.isFinite(std[i]) || std[i] <= 0) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        origin + ": feature " + i + " has mean " + mean[i] + " and std " + std[i]
                                + "; expected finite numbers and a std above 0. Export the normaliser again.");
            }
        }
    }
}
