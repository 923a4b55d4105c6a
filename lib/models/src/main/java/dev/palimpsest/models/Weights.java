package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The weights of one network: checked as a whole against what its configuration promises, then read as float32. */
public final class Weights implements AutoCloseable {
    /** What diffusers calls the weights of its networks. */
    public static final String DIFFUSERS = "diffusion_pytorch_model";

    private static final Pattern BLOCK = Pattern.compile("\\.(\\d+)\\.");
    private static final Set<Dtype> FLOATS = Set.of(Dtype.F16, Dtype.BF16, Dtype.F32, Dtype.F64);

    private final Path folder;
    private final Safetensors tensors;
    private final Set<String> notFinite = new TreeSet<>();

    private Weights(Path folder, Safetensors tensors) {
        this.folder = folder;
        this.tensors = tensors;
    }

    /** Opens the checkpoint of a folder, in one file or in shards. */
    static Weights open(Path folder) {
        return new Weights(folder, Safetensors.openCheckpoint(folder));
    }

    /** The same under another name than {@code model}: {@code stem.safetensors}, or an index and shards. */
    public static Weights open(Path folder, String stem) {
        return new Weights(folder, Safetensors.openCheckpoint(folder, stem));
    }

    boolean has(String name) {
        return tensors.contains(name);
    }

    /** What comes before all names: nothing, or {@code prefix} when the network was saved inside a larger one. */
    String prefix(String landmark, String prefix) {
        return has(prefix + landmark) ? prefix : "";
    }

    /** The first axis of a tensor, or something else to expect when it is missing. */
    long rows(String name, long otherwise) {
        return has(name) && tensors.tensor(name).shape().length > 0
                ? tensors.tensor(name).shape()[0]
                : otherwise;
    }

    /** @throws PalimpsestException {@code SHAPE_MISMATCH} that lists every missing, misshapen, mistyped and unknown tensor */
    public void check(Expected expected) {
        List<String> problems = problems(expected);
        if (problems.isEmpty()) {
            tensors.readAhead();
            return;
        }
        throw new PalimpsestException(
                ErrorCode.SHAPE_MISMATCH,
                folder + ": the weights do not fit config.json:\n  " + String.join("\n  ", together(problems))
                        + "\nDownload config.json and the weights again, from the same place.");
    }

    /** What is the same in several blocks becomes one line, with the blocks' numbers in braces. */
    private static List<String> together(List<String> problems) {
        Map<String, List<String>> blocks = new LinkedHashMap<>();
        for (String problem : problems) {
            Matcher number = BLOCK.matcher(problem);
            String template = number.find() ? number.replaceFirst(".{}.") : problem;
            blocks.computeIfAbsent(template, unused -> new ArrayList<>())
                    .add(template.equals(problem) ? "" : number.group(1));
        }
        List<String> lines = new ArrayList<>();
        blocks.forEach((template, numbers) -> lines.add(
                numbers.size() == 1
                        ? template.replace("{}", numbers.get(0))
                        : template.replace("{}", "{" + String.join(",", numbers) + "}")));
        return lines;
    }

    private List<String> problems(Expected expected) {
        List<String> problems = new ArrayList<>();
        expected.shapes().forEach((name, shape) -> {
            if (!has(name)) {
                problems.add("missing " + name + " " + Arrays.toString(shape.getShape()));
                return;
            }
            Tensor tensor = tensors.tensor(name);
            if (!Arrays.equals(tensor.shape(), shape.getShape())) {
                problems.add(name + " has shape " + Arrays.toString(tensor.shape()) + ", expected "
                        + Arrays.toString(shape.getShape()));
            }
            if (!FLOATS.contains(tensor.dtype())) {
                problems.add(name + " has type " + tensor.dtype() + ", expected F32, F16 or BF16");
            }
        });
        for (String name : new TreeSet<>(tensors.names())) {
            if (!expected.shapes().containsKey(name) && !expected.ignores(name)) {
                problems.add("unknown " + name + " "
                        + Arrays.toString(tensors.tensor(name).shape()));
            }
        }
        return problems;
    }

    /** The numbers of a tensor, row by row; {@link #finish} tells whether one of them is not finite. */
    float[] floats(String name) {
        float[] values = tensors.tensor(name).toFloats();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                notFinite.add(name);
                break;
            }
        }
        return values;
    }

    /** One row of a matrix; the others are not touched. */
    float[] row(String name, int i) {
        return tensors.tensor(name).row(i);
    }

    /**
     * The tensor as an array of the manager, float32, in its stored shape. The numbers go from the mapped file to the engine's own memory;
     * those of bfloat16 pass through one array on the heap. {@link #finish} tells whether one of them is not finite.
     */
    public NDArray array(NDManager manager, String name) {
        Tensor tensor = tensors.tensor(name);
        Shape shape = new Shape(tensor.shape());
        List<ByteBuffer> segments = tensor.segments();
        try (NDManager scope = manager.newSubManager()) {
            NDArray array;
            if (segments.size() == 1 && tensor.dtype() == Dtype.F32) {
                array = scope.create(segments.get(0), shape, DataType.FLOAT32).duplicate();
            } else if (segments.size() == 1 && tensor.dtype() == Dtype.F16) {
                array = scope.create(segments.get(0), shape, DataType.FLOAT16).toType(DataType.FLOAT32, true);
            } else {
                array = scope.create(floats(name), shape).duplicate();
            }
            // One pass; a sum that is finite has no summand that is not.
            if (!Float.isFinite(array.sum().getFloat())) {
                floats(name);
            }
            array.attach(manager);
            return array;
        }
    }

    /** @throws PalimpsestException {@code NOT_FINITE} that lists every tensor that was read and holds NaN or infinite numbers */
    public void finish() {
        if (!notFinite.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FINITE,
                    folder + ": NaN or infinite numbers in " + String.join(", ", notFinite)
                            + ". Download the weights again.");
        }
    }

    @Override
    public void close() {
        tensors.close();
    }
}
