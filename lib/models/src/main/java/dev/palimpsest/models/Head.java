package dev.palimpsest.models;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The classifier under audit: {@code logits = v relu(w x + b) + c}, x a z-scored embedding.
 *
 * <p>Stored as the state of Linear, ReLU, Linear: {@code 0.weight [h, d]}, {@code 0.bias [h]}, {@code 2.weight [C, h]} and, where
 * there is one, {@code 2.bias [C]}. One logit ({@code C = 1}) is a binary head. A linear probe holds only {@code 0.weight [C, d]} and
 * {@code 0.bias [C]}: it is read, {@link #linear} says so, and {@link #requireHidden} explains why there is nothing to attack.
 *
 * <p>Immutable; the arrays that the accessors return are the head's own and must not be changed.
 */
public final class Head {
    private static final String W = "0.weight";
    private static final String B = "0.bias";
    private static final String V = "2.weight";
    private static final String C = "2.bias";
    private static final Set<String> KNOWN = Set.of(W, B, V, C);

    private final int inputs;
    private final double[] w;
    private final double[] b;
    private final double[] v;
    private final double @Nullable [] c;

    private Head(int inputs, double[] w, double[] b, double[] v, double @Nullable [] c) {
        this.inputs = inputs;
        this.w = w;
        this.b = b;
        this.v = v;
        this.c = c;
    }

    /**
     * A head with a hidden layer.
     *
     * @param w {@code [h, d]} row by row
     * @param b {@code [h]}
     * @param v {@code [C, h]} row by row
     * @param c {@code [C]}, or null for a head without output bias
     */
    public static Head of(int inputs, double[] w, double[] b, double[] v, double @Nullable [] c) {
        int hidden = b.length;
        require(
                hidden > 0 && inputs > 0 && w.length == (long) hidden * inputs,
                "head",
                W,
                w.length,
                hidden + " x " + inputs);
        require(v.length > 0 && v.length % hidden == 0, "head", V, v.length, "a multiple of " + hidden);
        require(
                c == null || c.length == v.length / hidden,
                "head",
                C,
                c == null ? 0 : c.length,
                "" + v.length / hidden);
        Head head = new Head(inputs, w, b, v, c);
        head.requireFinite("head");
        return head;
    }

    /** Reads and validates a safetensors file. */
    public static Head read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return from(tensors, file.toString());
        }
    }

    /**
     * Reads and validates a stream.
     *
     * @param origin what errors call it
     */
    public static Head read(InputStream in, String origin) {
        try (Safetensors tensors = Safetensors.read(in, origin)) {
            return from(tensors, origin);
        }
    }

    private static Head from(Safetensors tensors, String origin) {
        Set<String> unknown = new TreeSet<>(tensors.names());
        unknown.removeAll(KNOWN);
        Set<String> missing = new TreeSet<>(Set.of(W, B));
        missing.removeAll(tensors.names());
        if (tensors.contains(C) && !tensors.contains(V)) {
            missing.add(V);
        }
        if (!unknown.isEmpty() || !missing.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    origin + ": not a head of Linear, ReLU, Linear. Missing: " + listed(missing) + "; unknown: "
                            + listed(unknown)
                            + ". Expected 0.weight, 0.bias, 2.weight and perhaps 2.bias; rename the tensors of the state_dict.");
        }
        long[] shape = tensors.tensor(W).shape();
        if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
            throw mismatch(origin, W, shape, "[hidden, inputs]");
        }
        double[] w = tensors.tensor(W).toDoubles();
        double[] b = read(tensors, origin, B, shape[0]);
        double[] v = new double[0];
        double[] c = null;
        if (tensors.contains(V)) {
            long[] outputs = tensors.tensor(V).shape();
            if (outputs.length != 2 || outputs[0] < 1 || outputs[1] != shape[0]) {
                throw mismatch(
                        origin, V, outputs, "[classes, " + shape[0] + "] to follow 0.weight " + Arrays.toString(shape));
            }
            v = tensors.tensor(V).toDoubles();
            c = tensors.contains(C) ? read(tensors, origin, C, outputs[0]) : null;
        }
        Head head = new Head((int) shape[1], w, b, v, c);
        head.requireFinite(origin);
        return head;
    }

    private static double[] read(Safetensors tensors, String origin, String name, long length) {
        Tensor tensor = tensors.tensor(name);
        long[] shape = tensor.shape();
        if (shape.length != 1 || shape[0] != length) {
            throw mismatch(origin, name, shape, "[" + length + "]");
        }
        return tensor.toDoubles();
    }

    /** Writes the state as float32, the precision in which heads are published. */
    public void save(Path file) {
        SafetensorsWriter.write(file, tensors(), Map.of());
    }

    /** Writes the same to a stream, which stays open. */
    public void save(OutputStream out) {
        SafetensorsWriter.write(out, tensors(), Map.of());
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(W, Tensor.ofFloats(narrow(w), b.length, inputs));
        tensors.put(B, Tensor.ofFloats(narrow(b), b.length));
        if (!linear()) {
            tensors.put(V, Tensor.ofFloats(narrow(v), outputs(), b.length));
        }
        if (c != null) {
            tensors.put(C, Tensor.ofFloats(narrow(c), c.length));
        }
        return tensors;
    }

    /** Whether this is a linear probe: {@code logits = w x + b}, w {@code [C, d]}, no hidden layer. */
    public boolean linear() {
        return v.length == 0;
    }

    /**
     * This head, when it has a hidden layer.
     *
     * @throws PalimpsestException {@code NOT_ATTACKABLE} for a linear probe
     */
    public Head requireHidden() {
        if (linear()) {
            throw new PalimpsestException(
                    ErrorCode.NOT_ATTACKABLE,
                    "The head is linear (" + outputs() + " x " + inputs
                            + "): its weights hold one weighted sum of all members per class, so there is nothing to reconstruct per"
                            + " sample. Audit a head with a hidden layer.");
        }
        return this;
    }

    /**
     * This head, when it takes embeddings of that width.
     *
     * @throws PalimpsestException {@code SHAPE_MISMATCH} otherwise
     */
    public Head requireInputs(int width, String of) {
        if (inputs != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The head takes " + inputs + " numbers, but " + of + " has " + width
                            + ". Give the backbone and the normaliser that the head was trained on.");
        }
        return this;
    }

    /** The width {@code d} of the embedding. */
    public int inputs() {
        return inputs;
    }

    /** The number {@code h} of hidden neurons; 0 for a linear probe. */
    public int hidden() {
        return linear() ? 0 : b.length;
    }

    /** The number {@code C} of logits. */
    public int outputs() {
        return linear() ? b.length : v.length / b.length;
    }

    /** First layer, {@code [h, d]} row by row. */
    public double[] w() {
        return w;
    }

    /** First bias, {@code [h]}. */
    public double[] b() {
        return b;
    }

    /** Second layer, {@code [C, h]} row by row; empty for a linear probe. */
    public double[] v() {
        return v;
    }

    /** Second bias, {@code [C]}, or null where the head has none. */
    public double @Nullable [] c() {
        return c;
    }

    private void requireFinite(String origin) {
        requireFinite(origin, W, w);
        requireFinite(origin, B, b);
        requireFinite(origin, V, v);
        if (c != null) {
            requireFinite(origin, C, c);
        }
    }

    private static void requireFinite(String origin, String name, double[] values) {
        long bad = Arrays.stream(values).filter(x -> !Double.isFinite(x)).count();
        if (bad > 0) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FINITE,
                    origin + ": " + name + " holds " + bad + " of " + values.length
                            + " numbers that are NaN or infinite. The training diverged; export the weights again.");
        }
    }

    private static void require(boolean holds, String origin, String name, int found, String expected) {
        if (!holds) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    origin + ": " + name + " has " + found + " numbers, expected " + expected + ".");
        }
    }

    private static PalimpsestException mismatch(String origin, String name, long[] found, String expected) {
        return new PalimpsestException(
                ErrorCode.SHAPE_MISMATCH,
                origin + ": " + name + " has shape " + Arrays.toString(found) + ", expected " + expected + ".");
    }

    private static String listed(Set<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
