package dev.palimpsest.invert.unclip;

import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Numbers that another run recorded, so that both can be compared: a safetensors file with the names of {@link Draws}. */
public final class RecordedNoise implements Noise {
    private final Map<String, float[]> draws;
    private final int pictures;
    private final int first;

    private RecordedNoise(Map<String, float[]> draws, int pictures, int first) {
        this.draws = draws;
        this.pictures = pictures;
        this.first = first;
    }

    /**
     * Reads all draws of a run; what else the file holds is left alone.
     *
     * @param folder whose networks decide the sizes
     * @param pictures of this run
     * @param first where they begin when the file was recorded with more, as with several embeddings at once
     * @throws PalimpsestException {@code SHAPE_MISMATCH} that lists every draw that is expected and missing or of another shape
     */
    public static RecordedNoise read(Path file, UnClipFolder folder, UnClipSettings settings, int pictures, int first) {
        Map<String, float[]> draws = new HashMap<>();
        List<String> problems = new ArrayList<>();
        Map<String, long[]> expected = Draws.all(settings, folder.smallSide(), folder.largeSide());
        try (Safetensors tensors = Safetensors.open(file)) {
            expected.forEach((name, shape) -> {
                if (!tensors.contains(name)) {
                    problems.add("missing " + name);
                    return;
                }
                Tensor tensor = tensors.tensor(name);
                if (!fits(tensor, shape, pictures, first)) {
                    problems.add(name + " is " + tensor.dtype() + " " + Arrays.toString(tensor.shape()));
                    return;
                }
                draws.put(name, tensor.toFloats());
            });
        }
        if (!problems.isEmpty()) {
            List<String> wanted = new ArrayList<>();
            expected.forEach((name, shape) -> wanted.add(
                    "  " + name + " F32 [" + pictures + ", " + shape[0] + ", " + shape[1] + ", " + shape[2] + "]"));
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    file + " does not hold the noise of this run: " + String.join("; ", problems) + ".\nA run of "
                            + settings.decoderSteps() + " decoder and " + settings.superResSteps()
                            + " super-resolution steps draws:\n" + String.join("\n", wanted));
        }
        requireFinite(file, draws);
        return new RecordedNoise(draws, pictures, first);
    }

    private static boolean fits(Tensor tensor, long[] shape, int pictures, int first) {
        long[] found = tensor.shape();
        return tensor.dtype() == Dtype.F32
                && found.length == 4
                && (found[0] == pictures || found[0] >= first + (long) pictures)
                && Arrays.equals(Arrays.copyOfRange(found, 1, 4), shape);
    }

    private static void requireFinite(Path file, Map<String, float[]> draws) {
        draws.forEach((name, values) -> {
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new PalimpsestException(
                            ErrorCode.NOT_FINITE, file + ": NaN or infinite numbers in " + name + ".");
                }
            }
        });
    }

    @Override
    public float[] draw(String name, int picture, int length) {
        float[] all = Objects.requireNonNull(draws.get(name), name);
        // A file with this run's pictures alone begins with the first of them.
        int before = all.length / length > pictures ? first : 0;
        int from = (before + picture) * length;
        return Arrays.copyOfRange(all, from, from + length);
    }
}
