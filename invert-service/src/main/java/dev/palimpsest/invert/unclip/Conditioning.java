package dev.palimpsest.invert.unclip;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.ClipText;
import dev.palimpsest.models.unclip.TextProjection;

/**
 * What the decoder is told in every step of a run. The context ends with the last token that says something: those after it are masked in
 * the reference, with a weight that is 0 in float32.
 *
 * @param context float32 {@code [B, G, tokens, context width]}; G is 2 with guidance, without the embedding first, else 1
 * @param additive float32 {@code [B, G, time width]}
 */
record Conditioning(Tensor context, Tensor additive) {

    /**
     * Reads the text encoder, frees it, reads the projection, frees it.
     *
     * @param embeddings {@code [B][D]}
     * @param guided whether an unconditional half comes first
     */
    static Conditioning of(UnClipFolder folder, Device device, float[][] embeddings, boolean guided) {
        Tensor prompt;
        Tensor tokens;
        try (ClipText text = ClipText.open(folder.part(UnClipFolder.TEXT_ENCODER), device)) {
            ClipText.Prompt said = text.prompt();
            prompt = tensor(said.embedding());
            tokens = tensor(said.tokens().get(new NDIndex(":, :{}", ClipText.SAID)));
        }
        try (TextProjection projection = TextProjection.open(folder.part(UnClipFolder.TEXT_PROJECTION), device)) {
            NDManager manager = projection.manager();
            NDList contexts = new NDList();
            NDList additives = new NDList();
            // One by one, since a product of several rows may round otherwise.
            for (float[] embedding : embeddings) {
                TextProjection.Condition condition = projection.project(
                        manager.create(embedding, new Shape(1, embedding.length)),
                        array(manager, prompt),
                        array(manager, tokens),
                        guided);
                contexts.add(condition.context());
                additives.add(condition.additive());
            }
            return new Conditioning(tensor(NDArrays.stack(contexts)), tensor(NDArrays.stack(additives)));
        }
    }

    /** Of one picture: {@code [G, tokens, context width]}. */
    NDArray context(NDManager manager, int picture) {
        return array(manager, context).get(picture);
    }

    /** Of one picture: {@code [G, time width]}. */
    NDArray additive(NDManager manager, int picture) {
        return array(manager, additive).get(picture);
    }

    private static NDArray array(NDManager manager, Tensor tensor) {
        return manager.create(tensor.toFloats(), new Shape(tensor.shape()));
    }

    private static Tensor tensor(NDArray array) {
        return Tensor.ofFloats(array.toFloatArray(), array.getShape().getShape());
    }
}
