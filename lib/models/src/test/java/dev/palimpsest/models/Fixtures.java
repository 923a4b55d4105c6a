package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Folders of published weights, and the numbers that the reference implementation computed for them. */
final class Fixtures {
    private Fixtures() {}

    static Path tiny() {
        return backbone("dinov2");
    }

    /** The names of the tiny networks. */
    static List<String> backbones() {
        return List.of(
                "vit",
                "vit-classifier",
                "dino",
                "dinov2",
                "dinov2-registers",
                "dinov2-swiglu",
                "clip",
                "clip-full",
                "siglip");
    }

    /** A tiny network in the hub's format, with images and expected values beside it. */
    static Path backbone(String name) {
        return Path.of("src/test/resources/backbones", name);
    }

    static Path example(String name) {
        String repo = System.getProperty("palimpsest.repo", "../..");
        return Path.of(repo, "examples", "backbones", name);
    }

    static float[] expected(Path folder, String tensor) {
        try (Safetensors tensors = Safetensors.open(folder.resolve("expected.safetensors"))) {
            return tensors.tensor(tensor).toFloats();
        }
    }

    static NDArray expected(Path folder, String tensor, NDManager manager) {
        try (Safetensors tensors = Safetensors.open(folder.resolve("expected.safetensors"))) {
            Tensor values = tensors.tensor(tensor);
            return manager.create(values.toFloats(), new Shape(values.shape()));
        }
    }

    /** {@code [n, S, S, 3]} to {@code [n, 3, S, S]}. */
    static float[] planar(float[] interleaved, int size) {
        int area = size * size;
        float[] planar = new float[interleaved.length];
        for (int i = 0; i < planar.length; i++) {
            int picture = i / (3 * area);
            planar[(picture * 3 + i % 3) * area + i / 3 % area] = interleaved[i];
        }
        return planar;
    }

    static byte[] bytes(Path folder, String tensor) {
        return tensorBytes(folder.resolve("expected.safetensors"), tensor);
    }

    static byte[] tensorBytes(Path file, String tensor) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return tensors.tensor(tensor).toBytes();
        }
    }

    static long[] shape(Path file, String tensor) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return tensors.tensor(tensor).shape();
        }
    }

    /** An interleaved square picture out of a stack of them. */
    static RgbPixels picture(byte[] stack, int index, int size) {
        byte[] one = new byte[size * size * 3];
        System.arraycopy(stack, index * one.length, one, 0, one.length);
        return new RgbPixels(size, size, one);
    }

    /** d / d input of the summed cosines between rows of {@code embed(input)} and of the target. */
    static float[] cosineGradient(NDArray input, NDArray target, UnaryOperator<NDArray> embed) {
        input.setRequiresGradient(true);
        try (GradientCollector collector = Torch.engine().newGradientCollector()) {
            NDArray embedding = embed.apply(input);
            NDArray dot = embedding.mul(target).sum(new int[] {1});
            NDArray lengths = embedding
                    .square()
                    .sum(new int[] {1})
                    .mul(target.square().sum(new int[] {-1}))
                    .sqrt();
            collector.backward(dot.div(lengths).sum());
        }
        return input.getGradient().toFloatArray();
    }

    /** The cosine of each row of {@code [n, d]} with one of {@code [d]}. */
    static float[] cosines(float[] rows, float[] target) {
        float[] cosines = new float[rows.length / target.length];
        for (int i = 0; i < cosines.length; i++) {
            double dot = 0;
            double row = 0;
            double length = 0;
            for (int j = 0; j < target.length; j++) {
                double x = rows[i * target.length + j];
                dot += x * target[j];
                row += x * x;
                length += (double) target[j] * target[j];
            }
            cosines[i] = (float) (dot / Math.sqrt(row * length));
        }
        return cosines;
    }

    static double relativeError(float[] found, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return found.length == expected.length ? Math.sqrt(difference / size) : Double.NaN;
    }

    static double largestError(float[] found, float[] expected) {
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(found[i] - expected[i]));
        }
        return found.length == expected.length ? largest : Double.NaN;
    }

    static float[] part(float[] all, int index, int parts) {
        int length = all.length / parts;
        float[] part = new float[length];
        System.arraycopy(all, index * length, part, 0, length);
        return part;
    }
}
