package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Inversion: from embeddings to a picture of each, in as many bounded runs as wanted.
 *
 * <p>Minimises {@code 1 - cos((F(view(g(z + noise; w))) - mean) / std, x)} over the weights w of a {@link Painter} with Adam, for each
 * picture by itself; only the backbone sees them together, which is what a GPU wants. What is kept between runs is in
 * {@link #checkpoint()}: weights, moments, the running means of the pictures and the step; all else follows
 * from the settings. With one torch thread, and on one kind of machine, a resumed run gives the same bits as one that was not
 * interrupted.
 *
 * <p>Costs a forward and a backward pass of backbone and painters per step. One gradient job per JVM at a time: the engine has one tape.
 */
public final class DeepImagePrior implements AutoCloseable {
    /** Steps between two reports; reading the losses more often would make the engine wait for Java. */
    public static final int REPORT_EVERY = 25;

    private static final int LOOKS = 8;

    private final List<Start> starts;
    private final NDManager manager;
    private final List<Impression> impressions = new ArrayList<>();
    private final InversionLoss loss;
    private long step;

    /**
     * What a picture begins with.
     *
     * @param settings alike for all pictures of a batch but for the seed
     * @param embedding {@code [d]} in the space of the head: normalised already when there is a normaliser
     */
    public record Start(PriorSettings settings, double[] embedding) {}

    /** Told about progress every {@link #REPORT_EVERY} steps and at the end of a run. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param step how many are done
         * @param losses of the last one, a picture each, on the view and with the noise of that step: 0..2
         */
        void at(long step, float[] losses);
    }

    private DeepImagePrior(List<Start> starts, Backbone backbone, @Nullable Normaliser normaliser) {
        this.starts = List.copyOf(starts);
        PriorSettings settings = settings();
        if (!starts.stream()
                .allMatch(s -> s.settings().withSeed(settings.seed()).equals(settings))) {
            throw new IllegalArgumentException("Pictures of a batch may differ in seed and embedding only");
        }
        SpaceCheck.check(backbone, settings.size());
        starts.forEach(start -> SpaceCheck.check(backbone, normaliser, start.embedding()));
        long free = Torch.freeMemory(backbone.manager().getDevice());
        SpaceCheck.memory(settings.painting(), settings.size(), starts.size(), free);
        manager = backbone.manager().newSubManager();
        starts.forEach(start -> impressions.add(new Impression(manager, start.settings())));
        loss = new InversionLoss(
                manager,
                backbone,
                normaliser,
                starts.stream().map(Start::embedding).toList());
    }

    /**
     * New inversions at step 0.
     *
     * @param starts at least one
     * @param normaliser of the head; null: the cosine is taken between raw embeddings
     * @throws PalimpsestException when an embedding is zero, not finite or of another width than the backbone's, or when the backbone
     *     does not take pictures of that size
     */
    public static DeepImagePrior start(List<Start> starts, Backbone backbone, @Nullable Normaliser normaliser) {
        return new DeepImagePrior(starts, backbone, normaliser);
    }

    /**
     * Goes on where {@link #checkpoint()} was called.
     *
     * @throws PalimpsestException {@code BAD_FILE} when the checkpoint is of other settings or incomplete; otherwise as {@link #start}
     */
    public static DeepImagePrior resume(
            List<Start> starts, Backbone backbone, @Nullable Normaliser normaliser, Map<String, Tensor> checkpoint) {
        DeepImagePrior prior = new DeepImagePrior(starts, backbone, normaliser);
        try {
            for (int i = 0; i < starts.size(); i++) {
                prior.step = prior.impressions.get(i).restore(part(checkpoint, prior.prefix(i)));
            }
        } catch (PalimpsestException e) {
            prior.close();
            throw e;
        }
        return prior;
    }

    /**
     * Does the next steps, at most up to the settings' number.
     *
     * @return how many are done in all
     * @throws PalimpsestException {@code NOT_FINITE} when a loss is not a number any more
     */
    public long run(long steps, Listener listener) {
        long end = Math.min(settings().steps(), step + steps);
        while (step < end) {
            boolean report = (step + 1) % REPORT_EVERY == 0 || step + 1 == end;
            float[] losses = advance(report);
            step++;
            if (report) {
                for (float value : losses) {
                    if (!Float.isFinite(value)) {
                        throw new PalimpsestException(
                                ErrorCode.NOT_FINITE,
                                "The loss of the inversion is " + value + " at step " + step
                                        + ". Lower the learning rate, or check the backbone's weights.");
                    }
                }
                listener.at(step, losses);
            }
        }
        return step;
    }

    /** @return the losses, if they are to be read */
    private float[] advance(boolean read) {
        try (NDManager scope = manager.newSubManager()) {
            NDList pictures = new NDList();
            NDArray losses;
            try (GradientCollector tape = Torch.engine().newGradientCollector()) {
                NDList views = new NDList();
                for (Impression impression : impressions) {
                    NDArray picture = impression.draw(scope, step);
                    pictures.add(picture);
                    views.add(impression.view(picture, step));
                }
                losses = loss.of(views);
                // A sum, so that no picture's gradient depends on how many there are.
                NDArray all = losses.sum();
                for (int i = 0; i < pictures.size(); i++) {
                    all = impressions.get(i).charged(all, pictures.get(i));
                }
                tape.backward(all);
            }
            for (int i = 0; i < pictures.size(); i++) {
                impressions.get(i).learn(pictures.get(i), step);
            }
            return read ? losses.toFloatArray() : new float[0];
        }
    }

    private PriorSettings settings() {
        return starts.get(0).settings();
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /** Whether all steps of the settings are done. */
    public boolean done() {
        return step >= settings().steps();
    }

    /** How many pictures are made. */
    public int size() {
        return impressions.size();
    }

    /** Picture {@code i} so far: the mean over the last steps, or what the painter draws without noise. */
    public BufferedImage preview(int i) {
        try (NDManager scope = manager.newSubManager()) {
            return Pictures.image(picture(scope, i));
        }
    }

    /** Cosine between the embedding of {@link #preview}, before its rounding to 8 bits, and the wanted one. */
    public double cosine(int i) {
        try (NDManager scope = manager.newSubManager()) {
            return 1 - loss.of(picture(scope, i), i);
        }
    }

    /**
     * The mean cosine over {@value #LOOKS} views of {@link #preview} that no step has used. Without views, {@link #cosine}. A picture that
     * owes its cosine to a texture loses it when it is moved: so this compares seeds more fairly.
     */
    public double steadiness(int i) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray picture = picture(scope, i);
            double sum = 0;
            for (int look = 0; look < LOOKS; look++) {
                NDArray view = impressions.get(i).view(picture, settings().steps() + (long) look);
                sum += 1 - loss.of(view, i);
            }
            return sum / LOOKS;
        }
    }

    /** The raw embedding {@code [d]} of {@link #preview} as it is stored, with 8 bits a channel. */
    public float[] embedding(int i) {
        return loss.embed(preview(i));
    }

    private NDArray picture(NDManager scope, int i) {
        return impressions.get(i).picture(scope, step);
    }

    /** All that is needed to go on later, elsewhere; about 12 bytes per weight of the painters. */
    public Map<String, Tensor> checkpoint() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < impressions.size(); i++) {
            String prefix = prefix(i);
            impressions.get(i).save(step).forEach((name, tensor) -> all.put(prefix + name, tensor));
        }
        return all;
    }

    private static Map<String, Tensor> part(Map<String, Tensor> checkpoint, String prefix) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        checkpoint.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), tensor);
            }
        });
        return part;
    }

    /** A picture by itself needs none, as before there were batches. */
    private String prefix(int i) {
        return starts.size() == 1 ? "" : "picture." + i + ".";
    }

    /** Frees everything but the backbone. */
    @Override
    public void close() {
        manager.close();
    }
}
