package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * What a picture is charged for beside its embedding, since the embedding leaves it free and what is free runs to extremes:
 *
 * <pre>grey mean (p - g)^2  +  contrast mean max(0, |log(p / (1 - p))| - 2)^2  +  grain (mean (p - p_right)^2 + mean (p - p_below)^2)</pre>
 *
 * over all pixels and channels p of the picture, g the mean of a pixel's three channels, p_right and p_below its neighbours. The second part is 0
 * for values within 12 to 88 %. The third needs no factor for the picture's size: photographs differ about as much from pixel to pixel at any.
 */
final class PicturePenalty {
    private static final float FREE = 2;

    private final PriorSettings.Restraint restraint;
    // Arrays rather than numbers: the engine frees a number before the backward pass reads it.
    private final NDArray grey;
    private final NDArray contrast;
    private final NDArray grain;
    private final NDArray one;
    private final NDArray free;

    /** @param manager owns the constants */
    PicturePenalty(NDManager manager, PriorSettings.Restraint restraint) {
        this.restraint = restraint;
        grey = manager.create((float) restraint.grey());
        contrast = manager.create((float) restraint.contrast());
        grain = manager.create((float) restraint.grain());
        one = manager.create(1f);
        free = manager.create(FREE);
    }

    /**
     * A scalar in the picture's manager: {@code loss} and the penalties.
     *
     * @param picture {@code [1, 3, S, S]} in 0..1
     */
    NDArray added(NDArray loss, NDArray picture) {
        NDArray sum = loss;
        if (restraint.grey() > 0) {
            NDArray lightness = picture.mean(new int[] {1}, true);
            sum = sum.add(picture.sub(lightness).square().mean().mul(grey));
        }
        if (restraint.contrast() > 0) {
            NDArray logit = picture.div(picture.neg().add(one)).log();
            NDArray beyond = logit.abs().sub(free).getNDArrayInternal().relu();
            sum = sum.add(beyond.square().mean().mul(contrast));
        }
        if (restraint.grain() > 0) {
            NDArray across = picture.get(":, :, :, 1:").sub(picture.get(":, :, :, :-1"));
            NDArray down = picture.get(":, :, 1:, :").sub(picture.get(":, :, :-1, :"));
            sum = sum.add(across.square().mean().add(down.square().mean()).mul(grain));
        }
        return sum;
    }
}
