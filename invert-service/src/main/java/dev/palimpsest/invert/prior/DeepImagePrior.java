package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One inversion: from an embedding to a picture, in as many bounded runs as wanted.
 *
 * <p>Minimises {@code 1 - cos((F(view(g(z + noise; w))) - mean) / std, x)} over the weights w of a {@link Painter} with Adam. What
 * is kept between runs is in {@link #checkpoint()}: weights, moments, the running mean of the pictures and the step; all else follows
 * from the settings. With one torch thread, and on one kind of machine, a resumed run gives the same bits as one that was not
 * interrupted.
 *
 * <p>Costs a forward and a backward pass of backbone and network per step. One gradient job per JVM at a time: the engine has one tape.
 */
public final class DeepImagePrior implements AutoCloseable {
    /** Steps between two reports; reading the loss more often would make the engine wait for Java. */
    public static final int REPORT_EVERY = 25;

    private static final int LOOKS = 8;

    private final PriorSettings settings;
    private final NDManager manager;
    private final Painter painter;
    private final NDArray input;
    private final RandomViews views;
    private final InversionLoss loss;
    private final Adam adam;
    private final PicturePenalty penalty;
    private final NDArray mean;
    private long step;

    /** Told about progress every {@link #REPORT_EVERY} steps and at the end of a run. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param step how many are done
         * @param loss of the last one, on the view and with the noise of that step: 0..2
         */
        void at(long step, double loss);
    }

    private DeepImagePrior(
            PriorSettings settings, Backbone backbone, @Nullable Normaliser normaliser, double[] embedding) {
        SpaceCheck.check(backbone, settings.size());
        SpaceCheck.check(backbone, normaliser, embedding);
        if (!backbone.manager().getDevice().isGpu()) {
            SpaceCheck.memory(settings.painting(), settings.size(), SpaceCheck.freeMemory());
        }
        this.settings = settings;
        manager = backbone.manager().newSubManager();
        long seed = settings.seed();
        painter = settings.painting().painter(manager, settings.size(), Draws.stream(seed, 0, Draws.Purpose.WEIGHTS));
        input = input(manager, settings);
        views = new RandomViews(settings);
        loss = new InversionLoss(manager, backbone, normaliser, embedding);
        adam = new Adam(manager, painter.weights());
        penalty = new PicturePenalty(manager, settings.restraint());
        mean = manager.zeros(new Shape(1, 3, settings.size(), settings.size()));
    }

    /**
     * A new inversion at step 0.
     *
     * @param normaliser of the head; null: the cosine is taken between raw embeddings
     * @param embedding {@code [d]} in the space of the head: normalised already when there is a normaliser
     * @throws PalimpsestException when the embedding is zero, not finite or of another width than the backbone's, or when the backbone
     *     does not take pictures of that size
     */
    public static DeepImagePrior start(
            PriorSettings settings, Backbone backbone, @Nullable Normaliser normaliser, double[] embedding) {
        return new DeepImagePrior(settings, backbone, normaliser, embedding);
    }

    /**
     * Goes on where {@link #checkpoint()} was called.
     *
     * @throws PalimpsestException {@code BAD_FILE} when the checkpoint is of other settings or incomplete; otherwise as {@link #start}
     */
    public static DeepImagePrior resume(
            PriorSettings settings,
            Backbone backbone,
            @Nullable Normaliser normaliser,
            double[] embedding,
            Map<String, Tensor> checkpoint) {
        DeepImagePrior prior = new DeepImagePrior(settings, backbone, normaliser, embedding);
        try {
            prior.step = prior.state().restore(checkpoint);
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
     * @throws PalimpsestException {@code NOT_FINITE} when the loss is not a number any more
     */
    public long run(long steps, Listener listener) {
        long end = Math.min(settings.steps(), step + steps);
        while (step < end) {
            boolean report = (step + 1) % REPORT_EVERY == 0 || step + 1 == end;
            double value = advance(report);
            step++;
            if (report) {
                if (!Double.isFinite(value)) {
                    throw new PalimpsestException(
                            ErrorCode.NOT_FINITE,
                            "The loss of the inversion is " + value + " at step " + step
                                    + ". Lower the learning rate, or check the backbone's weights.");
                }
                listener.at(step, value);
            }
        }
        return step;
    }

    private double advance(boolean read) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray noisy = noisyInput(scope);
            NDArray picture;
            NDArray value;
            try (GradientCollector tape = Torch.engine().newGradientCollector()) {
                picture = painter.draw(noisy);
                value = loss.of(views.view(picture, step));
                tape.backward(penalty.added(value, picture));
            }
            adam.update(step, settings.learningRateAt(step));
            remember(picture.stopGradient());
            return read ? value.getFloat() : Double.NaN;
        }
    }

    private NDArray noisyInput(NDManager scope) {
        if (settings.painting().inputs() == 0) {
            return scope.create(0f);
        }
        Torch.seed(Draws.mix(settings.seed(), step, Draws.Purpose.INPUT_NOISE));
        NDArray noise = scope.randomNormal(0f, (float) settings.noiseAt(step), input.getShape(), input.getDataType());
        return noise.addi(input);
    }

    /** {@code mean = memory mean + (1 - memory) picture}; as in deep image prior, it takes out what flickers from step to step. */
    private void remember(NDArray picture) {
        if (settings.memory() > 0) {
            mean.muli((float) settings.memory()).addi(picture.mul((float) (1 - settings.memory())));
        }
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /** Whether all steps of the settings are done. */
    public boolean done() {
        return step >= settings.steps();
    }

    /** The picture so far: the mean over the last steps, or what the network draws without noise. */
    public BufferedImage preview() {
        try (NDManager scope = manager.newSubManager()) {
            return Pictures.image(picture(scope));
        }
    }

    /** Cosine between the embedding of {@link #preview()}, before its rounding to 8 bits, and the wanted one. */
    public double cosine() {
        try (NDManager scope = manager.newSubManager()) {
            return 1 - loss.of(picture(scope)).getFloat();
        }
    }

    /**
     * The mean cosine over {@value #LOOKS} views of {@link #preview()} that no step has used. Without views, {@link #cosine()}. A picture that
     * owes its cosine to a texture loses it when it is moved: so this compares seeds more fairly.
     */
    public double steadiness() {
        try (NDManager scope = manager.newSubManager()) {
            NDArray picture = picture(scope);
            double sum = 0;
            for (int look = 0; look < LOOKS; look++) {
                sum += 1
                        - loss.of(views.view(picture, settings.steps() + (long) look))
                                .getFloat();
            }
            return sum / LOOKS;
        }
    }

    /** The raw embedding {@code [d]} of {@link #preview()} as it is stored, with 8 bits a channel. */
    public float[] embedding() {
        return loss.embed(preview());
    }

    private NDArray picture(NDManager scope) {
        // A running mean that started at 0 holds only this share of pictures.
        double share = 1 - Math.pow(settings.memory(), step);
        if (settings.memory() > 0 && share > 0) {
            NDArray scaled = mean.div((float) share);
            scaled.attach(scope);
            return scaled;
        }
        NDArray clean = input.duplicate();
        clean.attach(scope);
        return painter.draw(clean).stopGradient();
    }

    /** All that is needed to go on later, elsewhere; about 12 bytes per weight of the network. */
    public Map<String, Tensor> checkpoint() {
        return state().save(step);
    }

    private PriorState state() {
        return new PriorState(settings, painter.weights(), adam, mean);
    }

    private static NDArray input(NDManager manager, PriorSettings settings) {
        if (settings.painting().inputs() == 0) {
            return manager.create(0f);
        }
        SplittableRandom random = Draws.stream(settings.seed(), 0, Draws.Purpose.INPUT);
        int channels = settings.painting().inputs();
        float[] values = new float[channels * settings.size() * settings.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(1, channels, settings.size(), settings.size()));
    }

    /** Frees everything but the backbone. */
    @Override
    public void close() {
        manager.close();
    }
}
