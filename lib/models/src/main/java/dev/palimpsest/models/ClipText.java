package dev.palimpsest.models;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;

/**
 * The text tower of CLIP (Radford et al. 2021), for the one prompt that image variation has: the empty one. Its ids are begin, end, and
 * token 0 up to the network's length; begin and end are the last two of the vocabulary, and only their rows are read of it.
 */
public final class ClipText implements AutoCloseable {
    /** Tokens of the empty prompt that say something: begin and end. What comes after them is padding. */
    public static final int SAID = 2;

    private static final String TOWER = "text_model.";
    private static final String TOKENS = TOWER + "embeddings.token_embedding.weight";
    private static final String POSITIONS = TOWER + "embeddings.position_embedding.weight";
    private static final String LAST_NORM = TOWER + "final_layer_norm";
    private static final String PROJECTION = "text_projection";
    /** In older files, which say 2 and mean the largest id. */
    private static final int LARGEST_ID = 2;

    private static final BlockNames BLOCKS = new BlockNames(
            TOWER + "encoder.layers.",
            "layer_norm1",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.out_proj",
            null,
            "layer_norm2",
            "mlp.fc1",
            "mlp.fc2",
            null);

    /**
     * What the tower makes of a prompt.
     *
     * @param embedding {@code [1, D]}: the end token's row, projected
     * @param tokens {@code [1, L, width]}: all rows
     */
    public record Prompt(NDArray embedding, NDArray tokens) {}

    private final NDManager manager;
    private final NDArray input;
    private final NDArray causal;
    private final List<TransformerBlock> blocks;
    private final Norm lastNorm;
    private final Dense projection;
    private final int end;

    private ClipText(NDManager manager, TransformerSizes sizes, int[] ids, int end, Weights weights) {
        this.manager = manager;
        this.end = end;
        int length = ids.length;
        input = manager.create(input(weights, ids), new Shape(1, length, sizes.width()));
        causal = manager.create(causal(length), new Shape(length, length));
        blocks = BLOCKS.read(weights, manager, sizes);
        lastNorm = Norm.read(weights, manager, LAST_NORM, sizes.epsilon());
        projection = Dense.read(weights, manager, PROJECTION);
    }

    /**
     * Opens the text tower of a folder in Hugging Face layout.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException {@code NOT_FOUND}, {@code BAD_FILE}, {@code SHAPE_MISMATCH} or {@code
     *     NOT_FINITE}, naming the file, what was expected and what was found
     */
    public static ClipText open(Path folder, Device device) {
        ModelConfig whole = ModelConfig.read(folder, "config.json");
        ModelConfig config = whole.has("text_config") ? whole.object("text_config") : whole;
        TransformerSizes sizes = TransformerSizes.read(config, 32, 1e-5, Activation.Kind.QUICK_GELU);
        int length = config.count("max_position_embeddings", 77);
        int vocabulary = config.count("vocab_size", 49_408);
        if (length < SAID || vocabulary < SAID + 1) {
            throw config.bad("max_position_embeddings and vocab_size", "room for a begin, an end and a padding token");
        }
        int[] ids = emptyPrompt(vocabulary, length);
        int end = end(config, ids);
        try (Weights weights = Weights.open(folder)) {
            long width = sizes.width();
            Expected expected = new Expected()
                    .tensor(TOKENS, vocabulary, width)
                    .tensor(POSITIONS, length, width)
                    .norm(LAST_NORM, width)
                    .tensor(PROJECTION + ".weight", config.count("projection_dim", 512), width);
            BLOCKS.expect(expected, sizes);
            weights.check(expected.ignoreOthers());
            NDManager manager = Torch.newManager(device);
            try {
                ClipText tower = new ClipText(manager, sizes, ids, end, weights);
                weights.finish();
                return tower;
            } catch (RuntimeException e) {
                manager.close();
                throw e;
            }
        }
    }

    static int[] emptyPrompt(int vocabulary, int length) {
        int[] ids = new int[length];
        ids[0] = vocabulary - 2;
        ids[1] = vocabulary - 1;
        return ids;
    }

    /** Where the end token is: the largest id for the value of older files, the first of that id otherwise. */
    private static int end(ModelConfig config, int[] ids) {
        int wanted = config.has("eos_token_id") ? config.whole("eos_token_id") : LARGEST_ID;
        if (wanted == LARGEST_ID) {
            return 1;
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == wanted) {
                return i;
            }
        }
        throw config.bad("eos_token_id", "2, or the id of the end token, " + ids[1]);
    }

    private static float[] input(Weights weights, int[] ids) {
        float[] sum = weights.floats(POSITIONS);
        for (int i = 0; i < ids.length; i++) {
            // Padding is one token over and over; one row of float32 is nothing to read again.
            float[] row = weights.row(TOKENS, ids[i]);
            for (int j = 0; j < row.length; j++) {
                sum[i * row.length + j] += row[j];
            }
        }
        return sum;
    }

    /** No token sees a later one. */
    private static float[] causal(int length) {
        float[] added = new float[length * length];
        for (int i = 0; i < length; i++) {
            for (int j = i + 1; j < length; j++) {
                added[i * length + j] = Float.NEGATIVE_INFINITY;
            }
        }
        return added;
    }

    /** The manager of the weights; what {@link #prompt} returns belongs to it. */
    public NDManager manager() {
        return manager;
    }

    /** What the empty prompt says. */
    public Prompt prompt() {
        NDArray tokens = input.duplicate();
        for (TransformerBlock block : blocks) {
            tokens = block.forward(tokens, causal);
        }
        NDArray last = lastNorm.apply(tokens);
        NDArray said = last.get(new NDIndex(":, {}", end));
        return new Prompt(projection.apply(said), last);
    }

    /** Frees the weights and all prompts. */
    @Override
    public void close() {
        manager.close();
    }
}
