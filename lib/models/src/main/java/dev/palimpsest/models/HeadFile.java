package dev.palimpsest.models;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A head as it lies in a safetensors file: the state of a chain of Linear layers, {@code k.weight [out, in]} and {@code k.bias [out]}
 * where the layer has one, k rising along the chain. Numbers may be left out, as activations and dropout have no weights. The metadata
 * {@code activation} names what stands between the layers; without it that is ReLU.
 */
final class HeadFile {
    static final String ACTIVATION = "activation";

    private static final Pattern NAME = Pattern.compile("(\\d{1,6})\\.(weight|bias)");

    private HeadFile() {}

    static Head read(Safetensors file, String origin) {
        SortedSet<Integer> numbers = numbers(file, origin);
        List<Head.Layer> layers = new ArrayList<>();
        int before = -1;
        for (int k : numbers) {
            String weight = k + ".weight";
            long[] shape = file.tensor(weight).shape();
            int out = Math.toIntExact(shape[0]);
            int in = Math.toIntExact(shape[1]);
            if (before >= 0 && in != before) {
                throw mismatch(origin, weight, shape, "[outputs, " + before + "] to follow the layer before it");
            }
            before = out;
            double[] bias = file.contains(k + ".bias") ? bias(file, origin, k + ".bias", out) : null;
            layers.add(new Head.Layer(out, in, file.tensor(weight).toDoubles(), bias));
        }
        String named = file.metadata().get(ACTIVATION);
        Head head = new Head(named == null ? HeadActivation.RELU : HeadActivation.named(named), layers);
        head.requireFinite(origin, numbers.stream().map(String::valueOf).toList());
        return head;
    }

    /** The k of the file, once everything in it is known to be a Linear layer. */
    private static SortedSet<Integer> numbers(Safetensors file, String origin) {
        SortedSet<Integer> numbers = new TreeSet<>();
        Set<String> strange = new TreeSet<>();
        for (String name : file.names()) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches() && matcher.group(2).equals("weight") && matrix(file.tensor(name))) {
                numbers.add(Integer.valueOf(matcher.group(1)));
            }
        }
        for (String name : file.names()) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches() || !numbers.contains(Integer.valueOf(matcher.group(1)))) {
                strange.add(name + " " + Arrays.toString(file.tensor(name).shape()));
            }
        }
        if (numbers.isEmpty() || !strange.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    origin + ": not a head of Linear layers. Found " + numbers.size() + " of them; unknown: "
                            + (strange.isEmpty() ? "none" : String.join(", ", strange))
                            + ". Expected k.weight [outputs, inputs] and perhaps k.bias [outputs] for each layer, as in 0.weight, 0.bias,"
                            + " 2.weight, and nothing else: heads with normalisation layers, attention or convolutions are not"
                            + " attacked. Rename the tensors of the state_dict if these are Linear layers.");
        }
        return numbers;
    }

    private static boolean matrix(Tensor tensor) {
        long[] shape = tensor.shape();
        return shape.length == 2 && shape[0] > 0 && shape[1] > 0;
    }

    private static double[] bias(Safetensors file, String origin, String name, int length) {
        long[] shape = file.tensor(name).shape();
        if (shape.length != 1 || shape[0] != length) {
            throw mismatch(origin, name, shape, "[" + length + "]");
        }
        return file.tensor(name).toDoubles();
    }

    private static PalimpsestException mismatch(String origin, String name, long[] found, String expected) {
        return new PalimpsestException(
                ErrorCode.SHAPE_MISMATCH,
                origin + ": " + name + " has shape " + Arrays.toString(found) + ", expected " + expected + ".");
    }

    /** The state as float32, the precision in which heads are published. */
    static Map<String, Tensor> tensors(Head head) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < head.layers().size(); i++) {
            Head.Layer layer = head.layers().get(i);
            double[] bias = layer.bias();
            tensors.put(2 * i + ".weight", Tensor.ofFloats(narrow(layer.weight()), layer.outputs(), layer.inputs()));
            if (bias != null) {
                tensors.put(2 * i + ".bias", Tensor.ofFloats(narrow(bias), bias.length));
            }
        }
        return tensors;
    }

    static Map<String, String> metadata(Head head) {
        return head.activation() == HeadActivation.RELU
                ? Map.of()
                : Map.of(ACTIVATION, head.activation().label());
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
