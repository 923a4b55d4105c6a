package dev.palimpsest.models.unclip;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.models.Dense;
import dev.palimpsest.models.Expected;
import dev.palimpsest.models.ModelConfig;
import dev.palimpsest.models.Norm;
import dev.palimpsest.models.Torch;
import dev.palimpsest.models.Weights;
import java.nio.file.Path;

/**
 * What an image embedding and a prompt become for the decoder (Ramesh et al. 2022, section 2.1): something added to its time embedding, and
 * context tokens for its attention.
 */
public final class TextProjection implements AutoCloseable {
    private static final String IMAGE_TO_TIME = "clip_image_embeddings_project_to_time_embeddings";
    private static final String TEXT_TO_TIME = "embedding_proj";
    private static final String IMAGE_TO_TOKENS = "clip_extra_context_tokens_proj";
    private static final String TEXT_TO_TOKENS = "encoder_hidden_states_proj";
    private static final String NORM = "text_encoder_hidden_states_norm";
    private static final String UNCONDITIONAL = "learned_classifier_free_guidance_embeddings";
    private static final float EPSILON = 1e-5f;

    /**
     * What the decoder is told. G is twice the images with guidance, the unconditional half first; else their number.
     *
     * @param context {@code [G, extra + L, context width]}: the image's tokens, then the text's
     * @param additive {@code [G, time width]}
     */
    public record Condition(NDArray context, NDArray additive) {}

    private final NDManager manager;
    private final int width;
    private final int extra;
    private final Dense imageToTime;
    private final Dense textToTime;
    private final Dense imageToTokens;
    private final Dense textToTokens;
    private final Norm norm;
    private final NDArray unconditional;

    private TextProjection(NDManager manager, int width, int extra, Weights weights) {
        this.manager = manager;
        this.width = width;
        this.extra = extra;
        imageToTime = Dense.read(weights, manager, IMAGE_TO_TIME);
        textToTime = Dense.read(weights, manager, TEXT_TO_TIME);
        imageToTokens = Dense.read(weights, manager, IMAGE_TO_TOKENS);
        textToTokens = Dense.read(weights, manager, TEXT_TO_TOKENS);
        norm = Norm.read(weights, manager, NORM, EPSILON);
        unconditional = weights.array(manager, UNCONDITIONAL).reshape(1, -1);
    }

    /**
     * Opens the projection of a folder in diffusers layout.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException as {@link UNet#open}
     */
    public static TextProjection open(Path folder, Device device) {
        ModelConfig config = ModelConfig.read(folder, "config.json");
        int width = config.count("clip_embeddings_dim");
        int extra = config.count("clip_extra_context_tokens", 4);
        long time = config.count("time_embed_dim");
        long context = config.count("cross_attention_dim");
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            weights.check(new Expected()
                    .dense(IMAGE_TO_TIME, time, width)
                    .dense(TEXT_TO_TIME, time, width)
                    .dense(IMAGE_TO_TOKENS, extra * context, width)
                    .dense(TEXT_TO_TOKENS, context, width)
                    .norm(NORM, context)
                    .tensor(UNCONDITIONAL, width)
                    .ignoreOthers());
            NDManager manager = Torch.newManager(device);
            try {
                TextProjection projection = new TextProjection(manager, width, extra, weights);
                weights.finish();
                return projection;
            } catch (RuntimeException e) {
                manager.close();
                throw e;
            }
        }
    }

    /** The width D of the image embedding. */
    public int width() {
        return width;
    }

    /** How many context tokens are made of the image. */
    public int extraTokens() {
        return extra;
    }

    /** Owns the weights; make a sub-manager of it for what goes in. */
    public NDManager manager() {
        return manager;
    }

    /**
     * @param images {@code [B, D]}
     * @param prompts {@code [1, D]} for all images, or {@code [G, D]}
     * @param tokens of the prompts, {@code [1, L, width]} or {@code [G, L, width]}
     * @param guided whether the unconditional half comes first
     * @return of the manager of the images
     */
    public Condition project(NDArray images, NDArray prompts, NDArray tokens, boolean guided) {
        NDArray all = guided ? unconditional.broadcast(images.getShape()).concat(images) : images;
        all.attach(images.getManager());
        long rows = all.getShape().get(0);
        NDArray additive = imageToTime.apply(all).add(textToTime.apply(prompts));
        // The numbers of one token are a column of what is stored.
        NDArray own = imageToTokens.apply(all).reshape(rows, -1, extra).transpose(0, 2, 1);
        NDArray text = norm.apply(textToTokens.apply(tokens));
        NDArray texts =
                text.broadcast(rows, text.getShape().get(1), text.getShape().get(2));
        return new Condition(own.concat(texts, 1), additive);
    }

    /** Frees the weights. */
    @Override
    public void close() {
        manager.close();
    }
}
