package dev.palimpsest.invert.prior;

import ai.djl.ndarray.NDManager;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.SplittableRandom;

/**
 * How a {@link PicturePyramid} is built.
 *
 * @param coarseness exponent of a level's step: a level of n x n counts {@code (S / 8 / n)^coarseness}. At 0 fine and coarse parts of
 *     the picture move alike, which ends in patterns; at 1 coarse parts run to the ends of the scale
 * @param fading exponent of the colours' part in it: where n is above S / 8, contrasts of colour count {@code (S / 8 / n)^fading} of that.
 *     Photographs have hardly any detail in colour alone; at 0 edges and grain come out in all colours of the rainbow
 */
public record PyramidShape(double coarseness, double fading) implements Painting {
    public PyramidShape {
        if (!(coarseness >= 0 && coarseness <= 2)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC, "Inversion: coarseness is " + coarseness + ", expected 0 to 2.");
        }
        if (!(fading >= 0 && fading <= 4)) {
            throw new PalimpsestException(ErrorCode.BAD_SPEC, "Inversion: fading is " + fading + ", expected 0 to 4.");
        }
    }

    @Override
    public int inputs() {
        return 0;
    }

    @Override
    public int smallest() {
        return 2;
    }

    @Override
    public long weights(int size) {
        long all = 0;
        for (int n : PicturePyramid.levels(size)) {
            all += 3L * n * n;
        }
        return all;
    }

    /** At most five pictures of full size for each level. */
    @Override
    public long activations(int size) {
        return 15L * size * size * PicturePyramid.levels(size).size();
    }

    @Override
    public Painter painter(NDManager manager, int size, SplittableRandom random) {
        return new PicturePyramid(manager, size, this, random);
    }
}
