package dev.palimpsest.models;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The classifier under audit: Linear layers with an activation between them, {@code logits = v relu(w x + b) + c} for one hidden layer,
 * x a z-scored embedding.
 *
 * <p>Stored as the state of Linear, ReLU, Linear and so on: {@code 0.weight [h, d]}, {@code 0.bias [h]}, {@code 2.weight [C, h]},
 * {@code 2.bias [C]}; any depth, every bias may be missing. One logit ({@code C = 1}) is a binary head. A linear probe holds only
 * {@code 0.weight [C, d]} and perhaps {@code 0.bias [C]}: it is read, {@link #linear} says so, and {@link #requireHidden} explains why
 * there is nothing to attack.
 *
 * <p>Immutable; the arrays that the accessors return are the head's own and must not be changed.
 */
public final class Head {
    private final HeadActivation activation;
    private final List<Layer> layers;
    private final double[] b;

    /** {@code weight x + bias}. */
    public static final class Layer {
        private final int outputs;
        private final int inputs;
        private final double[] weight;
        private final double @Nullable [] bias;

        /**
         * Checks that the lengths agree.
         *
         * @param weight {@code [outputs, inputs]} row by row
         * @param bias {@code [outputs]}, or null for none
         */
        public Layer(int outputs, int inputs, double[] weight, double @Nullable [] bias) {
            require(
                    outputs > 0 && inputs > 0 && weight.length == (long) outputs * inputs,
                    "weight",
                    weight.length,
                    outputs + " x " + inputs);
            require(bias == null || bias.length == outputs, "bias", bias == null ? 0 : bias.length, "" + outputs);
            this.outputs = outputs;
            this.inputs = inputs;
            this.weight = weight;
            this.bias = bias;
        }

        public int outputs() {
            return outputs;
        }

        public int inputs() {
            return inputs;
        }

        /** {@code [outputs, inputs]} row by row. */
        public double[] weight() {
            return weight;
        }

        /** {@code [outputs]}, or null. */
        public double @Nullable [] bias() {
            return bias;
        }

        private static void require(boolean holds, String what, int found, String expected) {
            if (!holds) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        "head: a layer's " + what + " has " + found + " numbers, expected " + expected + ".");
            }
        }
    }

    Head(HeadActivation activation, List<Layer> layers) {
        this.activation = activation;
        this.layers = List.copyOf(layers);
        double[] first = this.layers.get(0).bias();
        this.b = first == null ? new double[this.layers.get(0).outputs()] : first;
    }

    /**
     * A head of any depth.
     *
     * @param layers at least one, each as wide as what the one before gives
     * @throws PalimpsestException {@code SHAPE_MISMATCH} or {@code NOT_FINITE}
     */
    public static Head of(HeadActivation activation, List<Layer> layers) {
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i).inputs() != layers.get(i - 1).outputs()) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        "head: layer " + i + " takes " + layers.get(i).inputs() + " numbers, the one before gives "
                                + layers.get(i - 1).outputs() + ".");
            }
        }
        Head head = new Head(activation, layers);
        head.requireFinite(
                "head",
                IntStream.range(0, layers.size()).mapToObj(i -> "" + 2 * i).toList());
        return head;
    }

    /**
     * A head with one hidden layer of ReLU.
     *
     * @param w {@code [h, d]} row by row
     * @param b {@code [h]}
     * @param v {@code [C, h]} row by row
     * @param c {@code [C]}, or null for a head without output bias
     */
    public static Head of(int inputs, double[] w, double[] b, double[] v, double @Nullable [] c) {
        int hidden = Math.max(1, b.length);
        return of(
                HeadActivation.RELU,
                List.of(new Layer(hidden, inputs, w, b), new Layer(v.length / hidden, hidden, v, c)));
    }

    /** Reads and validates a safetensors file. */
    public static Head read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return HeadFile.read(tensors, file.toString());
        }
    }

    /**
     * Reads and validates a stream.
     *
     * @param origin what errors call it
     */
    public static Head read(InputStream in, String origin) {
        try (Safetensors tensors = Safetensors.read(in, origin)) {
            return HeadFile.read(tensors, origin);
        }
    }

    /** The same weights with another activation between the layers: for files that don't name theirs. */
    public Head with(HeadActivation other) {
        return new Head(other, layers);
    }

    /** Writes the state as float32, the precision in which heads are published. */
    public void save(Path file) {
        SafetensorsWriter.write(file, HeadFile.tensors(this), HeadFile.metadata(this));
    }

    /** Writes the same to a stream, which stays open. */
    public void save(OutputStream out) {
        SafetensorsWriter.write(out, HeadFile.tensors(this), HeadFile.metadata(this));
    }

    /** Whether this is a linear probe: {@code logits = w x + b}, w {@code [C, d]}, no hidden layer. */
    public boolean linear() {
        return layers.size() == 1;
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
                    "The head is linear (" + outputs() + " x " + inputs()
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
        if (inputs() != width) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "The head takes " + inputs() + " numbers, but " + of + " has " + width
                            + ". Give the backbone and the normaliser that the head was trained on.");
        }
        return this;
    }

    /** From the embedding to the logits. */
    public List<Layer> layers() {
        return layers;
    }

    /** What stands between the layers. */
    public HeadActivation activation() {
        return activation;
    }

    /** The number of hidden layers; 0 for a linear probe. */
    public int depth() {
        return layers.size() - 1;
    }

    /** Whether this is {@code v relu(w x + b)}, c or none: what neuron differences and gate pursuit are about. */
    public boolean plain() {
        return depth() == 1 && activation == HeadActivation.RELU && biased();
    }

    /** Whether the first layer has a bias. */
    public boolean biased() {
        return layers.get(0).bias() != null;
    }

    /** The width {@code d} of the embedding. */
    public int inputs() {
        return layers.get(0).inputs();
    }

    /** The number {@code h} of neurons in the first hidden layer; 0 for a linear probe. */
    public int hidden() {
        return linear() ? 0 : layers.get(0).outputs();
    }

    /** The number {@code C} of logits. */
    public int outputs() {
        return layers.get(layers.size() - 1).outputs();
    }

    /** First layer, {@code [h, d]} row by row. */
    public double[] w() {
        return layers.get(0).weight();
    }

    /** First bias, {@code [h]}; zeros where the head has none. */
    public double[] b() {
        return b;
    }

    /** Second layer of a head with one hidden layer, {@code [C, h]} row by row; empty for a linear probe. */
    public double[] v() {
        return linear() ? new double[0] : shallow(1).weight();
    }

    /** Second bias of a head with one hidden layer, {@code [C]}, or null where it has none. */
    public double @Nullable [] c() {
        return linear() ? null : shallow(1).bias();
    }

    private Layer shallow(int layer) {
        if (depth() > 1) {
            throw new IllegalStateException("The head has " + depth() + " hidden layers, this is about heads with one");
        }
        return layers.get(layer);
    }

    /** The squared length of all parameters together. */
    public double squaredLength() {
        double sum = 0;
        for (Layer layer : layers) {
            double[] bias = layer.bias();
            sum += Arrays.stream(layer.weight()).map(x -> x * x).sum();
            sum += bias == null ? 0 : Arrays.stream(bias).map(x -> x * x).sum();
        }
        return sum;
    }

    /** In words, for messages: {@code 1024-500-1, relu}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(inputs());
        layers.forEach(layer -> text.append('-').append(layer.outputs()));
        return text.append(linear() ? "" : ", " + activation.label()).toString();
    }

    void requireFinite(String origin, List<String> names) {
        for (int i = 0; i < layers.size(); i++) {
            double[] bias = layers.get(i).bias();
            requireFinite(origin, names.get(i) + ".weight", layers.get(i).weight());
            if (bias != null) {
                requireFinite(origin, names.get(i) + ".bias", bias);
            }
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
}
