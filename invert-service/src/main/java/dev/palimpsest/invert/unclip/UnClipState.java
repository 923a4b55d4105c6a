package dev.palimpsest.invert.unclip;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run between two steps.
 *
 * @param step steps done; it also says which draws come next
 * @param pictures how many
 * @param first number of the first of them among those that were begun
 * @param told for all steps of the decoder
 * @param small the decoder's pictures once it is done, {@code [pictures, 3, S, S]}; empty before
 * @param latents what the last step left, {@code [pictures, 3, S, S]}; empty before the first
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, compared by nobody
record UnClipState(int step, int pictures, int first, Conditioning told, float[] small, float[] latents) {
    private static final String PROGRESS = "progress";
    private static final String GUIDANCE = "guidance";
    private static final String CONTEXT = "context";
    private static final String ADDITIVE = "additive";
    private static final String SMALL = "small";
    private static final String LATENTS = "latents";

    static UnClipState start(Conditioning told, int pictures) {
        return new UnClipState(0, pictures, 0, told, new float[0], new float[0]);
    }

    UnClipState at(int step, float[] latents) {
        return new UnClipState(step, pictures, first, told, small, latents);
    }

    /** The decoder is done. */
    UnClipState small(int step, float[] finished) {
        return new UnClipState(step, pictures, first, told, finished, new float[0]);
    }

    /** Only one of the decoder's pictures goes on. */
    UnClipState keep(int picture) {
        int length = small.length / pictures;
        float[] kept = Arrays.copyOfRange(small, picture * length, (picture + 1) * length);
        return new UnClipState(step, 1, first + picture, told, kept, latents);
    }

    Map<String, Tensor> save(UnClipSettings settings) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(
                PROGRESS,
                Tensor.ofLongs(new long[] {settings.decoderSteps(), settings.superResSteps(), step, pictures, first}));
        tensors.put(GUIDANCE, Tensor.ofDoubles(new double[] {settings.guidance()}));
        tensors.put(CONTEXT, told.context());
        tensors.put(ADDITIVE, told.additive());
        tensors.put(SMALL, Tensor.ofFloats(small));
        tensors.put(LATENTS, Tensor.ofFloats(latents));
        return tensors;
    }

    static UnClipState restore(Map<String, Tensor> checkpoint, UnClipSettings settings) {
        long[] progress = tensor(checkpoint, PROGRESS).toLongs();
        double[] guidance = tensor(checkpoint, GUIDANCE).toDoubles();
        if (progress.length != 5
                || progress[0] != settings.decoderSteps()
                || progress[1] != settings.superResSteps()
                || progress[2] < 0
                || progress[2] > settings.steps()
                || guidance.length != 1
                || guidance[0] != settings.guidance()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The checkpoint is of another run: its steps are " + Arrays.toString(progress)
                            + " and its guidance " + Arrays.toString(guidance) + ", expected " + settings
                            + ". Start this inversion anew.");
        }
        return new UnClipState(
                Math.toIntExact(progress[2]),
                Math.toIntExact(progress[3]),
                Math.toIntExact(progress[4]),
                new Conditioning(tensor(checkpoint, CONTEXT), tensor(checkpoint, ADDITIVE)),
                tensor(checkpoint, SMALL).toFloats(),
                tensor(checkpoint, LATENTS).toFloats());
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
