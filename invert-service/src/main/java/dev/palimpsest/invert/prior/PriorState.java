package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What changes while an inversion runs, to and from tensors: {@code weight.*}, {@code mean.*} and {@code variance.*} (Adam's moments),
 * {@code picture} (the running mean) and {@code progress} = step, size, steps, seed.
 */
record PriorState(PriorSettings settings, Map<String, NDArray> weights, Adam adam, NDArray picture) {
    private static final String PROGRESS = "progress";

    Map<String, Tensor> save(long step) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(PROGRESS, Tensor.ofLongs(progress(step)));
        arrays().forEach((name, array) -> tensors.put(
                name, Tensor.ofFloats(array.toFloatArray(), array.getShape().getShape())));
        return tensors;
    }

    /** @return the step at which the checkpoint was made */
    long restore(Map<String, Tensor> checkpoint) {
        long[] found = tensor(checkpoint, PROGRESS).toLongs();
        long[] expected = progress(found.length == 0 ? 0 : found[0]);
        if (!Arrays.equals(found, expected)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The checkpoint is of another inversion: step, size, steps and seed are %s, expected %s. Start this inversion anew."
                            .formatted(Arrays.toString(found), Arrays.toString(expected)));
        }
        arrays().forEach((name, array) -> {
            Tensor tensor = tensor(checkpoint, name);
            if (!Arrays.equals(tensor.shape(), array.getShape().getShape())) {
                throw new PalimpsestException(
                        ErrorCode.BAD_FILE,
                        "Tensor %s of the checkpoint has shape %s, expected %s. Start this inversion anew."
                                .formatted(name, Arrays.toString(tensor.shape()), array.getShape()));
            }
            array.set(FloatBuffer.wrap(tensor.toFloats()));
        });
        return found[0];
    }

    private long[] progress(long step) {
        return new long[] {step, settings.size(), settings.steps(), settings.seed()};
    }

    private Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.forEach((name, array) -> arrays.put("weight." + name, array));
        adam.means().forEach((name, array) -> arrays.put("mean." + name, array));
        adam.variances().forEach((name, array) -> arrays.put("variance." + name, array));
        arrays.put("picture", picture);
        return arrays;
    }

    private static Tensor tensor(Map<String, Tensor> checkpoint, String name) {
        Tensor tensor = checkpoint.get(name);
        if (tensor == null) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The checkpoint of the inversion has no tensor " + name + ". Start this inversion anew.");
        }
        return tensor;
    }
}
