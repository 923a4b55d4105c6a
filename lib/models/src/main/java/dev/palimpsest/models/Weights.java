package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The weights of one network: checked as a whole against what its configuration promises, then read as float32. */
final class Weights implements AutoCloseable {
    /** More lines than this help nobody. */
    private static final int LISTED = 40;

    private final Safetensors tensors;

    private Weights(Safetensors tensors) {
        this.tensors = tensors;
    }

    /**
     * Opens the checkpoint of a folder.
     *
     * @param expected the shape of every tensor that the network reads
     * @param ignored tensors that may be there and are not read
     * @throws PalimpsestException {@code SHAPE_MISMATCH} that lists every missing, misshapen and unknown tensor
     */
    static Weights open(Path folder, Map<String, Shape> expected, Set<String> ignored) {
        Safetensors tensors = Safetensors.openCheckpoint(folder);
        List<String> problems = problems(tensors, expected, ignored);
        if (problems.isEmpty()) {
            return new Weights(tensors);
        }
        tensors.close();
        int more = problems.size() - LISTED;
        throw new PalimpsestException(
                ErrorCode.SHAPE_MISMATCH,
                folder + ": the weights do not fit config.json:\n  "
                        + String.join("\n  ", problems.subList(0, Math.min(LISTED, problems.size())))
                        + (more > 0 ? "\n  and " + more + " more" : "")
                        + "\nDownload config.json and the weights again, from the same place.");
    }

    private static List<String> problems(Safetensors tensors, Map<String, Shape> expected, Set<String> ignored) {
        List<String> problems = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (!tensors.contains(name)) {
                problems.add("missing " + name + " " + Arrays.toString(shape.getShape()));
            } else if (!Arrays.equals(tensors.tensor(name).shape(), shape.getShape())) {
                problems.add(name + " has shape "
                        + Arrays.toString(tensors.tensor(name).shape()) + ", expected "
                        + Arrays.toString(shape.getShape()));
            }
        });
        for (String name : new TreeSet<>(tensors.names())) {
            if (!expected.containsKey(name) && !ignored.contains(name)) {
                problems.add("unknown " + name + " "
                        + Arrays.toString(tensors.tensor(name).shape()));
            }
        }
        return problems;
    }

    /**
     * The numbers of a tensor, row by row.
     *
     * @throws PalimpsestException {@code NOT_FINITE} when one of them is NaN or infinite
     */
    float[] floats(String name) {
        Tensor tensor = tensors.tensor(name);
        float[] values = tensor.toFloats();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FINITE,
                        tensors + ": " + name + " holds NaN or infinite numbers. Download the weights again.");
            }
        }
        return values;
    }

    /** The tensor as an array of the manager, float32, in its stored shape. */
    NDArray array(NDManager manager, String name) {
        return manager.create(floats(name), new Shape(tensors.tensor(name).shape()));
    }

    @Override
    public void close() {
        tensors.close();
    }
}
