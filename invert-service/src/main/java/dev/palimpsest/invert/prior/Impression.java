package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Torch;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One picture in the making: its painter, the painter's input, Adam, and the running mean of what was drawn. It knows nothing of the embedding
 * that it is to have; every random number is a function of its own seed and of the step, whatever is made beside it.
 */
final class Impression {
    private final PriorSettings settings;
    private final Painter painter;
    private final NDArray input;
    private final RandomViews views;
    private final PicturePenalty penalty;
    private final Adam adam;
    private final NDArray mean;

    /** @param manager owns everything that outlives a step */
    Impression(NDManager manager, PriorSettings settings) {
        this.settings = settings;
        painter = settings.painting()
                .painter(manager, settings.size(), Draws.stream(settings.seed(), 0, Draws.Purpose.WEIGHTS));
        input = input(manager, settings);
        views = new RandomViews(settings);
        penalty = new PicturePenalty(manager, settings.restraint());
        adam = new Adam(manager, painter.weights());
        mean = manager.zeros(new Shape(1, 3, settings.size(), settings.size()));
    }

    private static NDArray input(NDManager manager, PriorSettings settings) {
        int channels = settings.painting().inputs();
        if (channels == 0) {
            return manager.create(0f);
        }
        SplittableRandom random = Draws.stream(settings.seed(), 0, Draws.Purpose.INPUT);
        float[] values = new float[channels * settings.size() * settings.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(1, channels, settings.size(), settings.size()));
    }

    /** What is drawn at a step, {@code [1, 3, S, S]} in 0..1. */
    NDArray draw(NDManager scope, long step) {
        if (settings.painting().inputs() == 0) {
            return painter.draw(scope.create(0f));
        }
        Torch.seed(Draws.mix(settings.seed(), step, Draws.Purpose.INPUT_NOISE));
        NDArray noise = scope.randomNormal(0f, (float) settings.noiseAt(step), input.getShape(), input.getDataType());
        return painter.draw(noise.addi(input));
    }

    /** As the backbone gets to see it at a step. */
    NDArray view(NDArray picture, long step) {
        return views.view(picture, step);
    }

    /** {@code loss} and what this picture is charged for. */
    NDArray charged(NDArray loss, NDArray picture) {
        return penalty.added(loss, picture);
    }

    /** Moves the weights by their gradients, and remembers what was drawn: {@code mean = memory mean + (1 - memory) picture}. */
    void learn(NDArray picture, long step) {
        adam.update(step, settings.learningRateAt(step));
        if (settings.memory() > 0) {
            // As in deep image prior, it takes out what flickers from step to step.
            mean.muli((float) settings.memory()).addi(picture.stopGradient().mul((float) (1 - settings.memory())));
        }
    }

    /** The picture after so many steps: the mean over the last of them, or what the painter draws without noise. */
    NDArray picture(NDManager scope, long steps) {
        // A running mean that started at 0 holds only this share of pictures.
        double share = 1 - Math.pow(settings.memory(), steps);
        if (settings.memory() > 0 && share > 0) {
            NDArray scaled = mean.div((float) share);
            scaled.attach(scope);
            return scaled;
        }
        NDArray clean = input.duplicate();
        clean.attach(scope);
        return painter.draw(clean).stopGradient();
    }

    Map<String, Tensor> save(long step) {
        return state().save(step);
    }

    /** @return the step at which the checkpoint was made */
    long restore(Map<String, Tensor> checkpoint) {
        return state().restore(checkpoint);
    }

    private PriorState state() {
        return new PriorState(settings, painter.weights(), adam, mean);
    }
}
