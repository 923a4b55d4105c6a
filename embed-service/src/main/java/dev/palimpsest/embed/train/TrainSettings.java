package dev.palimpsest.embed.train;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;

/**
 * How a head is trained. The defaults are what the paper leaves to the reader.
 *
 * @param outputs 1 for two classes (binary cross-entropy, class 1 positive), else one for each class (cross-entropy)
 * @param learningRate of full-batch gradient descent
 * @param weightDecay added to the gradient of every parameter, biases included
 * @param hidden neurons of each hidden layer, if there is one
 * @param defence what the training does against reconstruction
 */
public record TrainSettings(
        int hidden,
        int outputs,
        double learningRate,
        double weightDecay,
        int epochs,
        long seed,
        HeadForm form,
        TrainDefence defence) {
    public TrainSettings {
        if (hidden < 1 || outputs < 1 || outputs == 2 || epochs < 1 || !(learningRate > 0) || !(weightDecay >= 0)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Training needs hidden >= 1, outputs 1 or at least 3, epochs >= 1, learningRate > 0, weightDecay >= 0; found hidden "
                            + hidden + ", outputs " + outputs + ", epochs " + epochs + ", learningRate " + learningRate
                            + ", weightDecay " + weightDecay);
        }
    }

    /** The usual settings for a number of classes. */
    public static TrainSettings of(
            int classes, int hidden, double learningRate, double weightDecay, int epochs, long seed) {
        return of(classes, hidden, learningRate, weightDecay, epochs, seed, HeadForm.USUAL);
    }

    /** For a head of another form. */
    public static TrainSettings of(
            int classes, int hidden, double learningRate, double weightDecay, int epochs, long seed, HeadForm form) {
        return new TrainSettings(
                hidden, classes == 2 ? 1 : classes, learningRate, weightDecay, epochs, seed, form, TrainDefence.NONE);
    }

    /** The same, defended. */
    public TrainSettings with(TrainDefence other) {
        return new TrainSettings(hidden, outputs, learningRate, weightDecay, epochs, seed, form, other);
    }
}
