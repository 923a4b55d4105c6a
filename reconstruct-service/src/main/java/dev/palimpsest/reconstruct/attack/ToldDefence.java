package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What an attacker makes of a head whose defence is known. Noise on released weights, and what rounding and quantisation leave, is a matrix of
 * independent entries of known deviation s on top of the first layer, whose singular values end at {@code s (sqrt(h) + sqrt(d))} (Bai and Yin 1993).
 * What stands above is kept: there the members are, as far as they are still to be seen. Of a defence in the training, no use is made.
 *
 * @param head what to attack: the first layer without what is below the noise
 * @param kept directions of it that stand above the noise
 * @param note for the report
 */
record ToldDefence(Head head, int kept, String note) {
    static ToldDefence of(Head released, DefenceSpec told) {
        Head.Layer first = released.layers().get(0);
        double[] deviations = deviations(first.weight(), told);
        double s = Math.sqrt(Arrays.stream(deviations).map(one -> one * one).sum());
        Spectrum all = Spectrum.of(DMatrixRMaj.wrap(first.outputs(), first.inputs(), first.weight()), 0);
        if (s == 0 || all.rank() == 0) {
            return new ToldDefence(
                    released,
                    all.rank(),
                    "The attack was told of the defence, " + told
                            + ", and searched although the weights may be no stationary point. It has"
                            + " no means of its own against what the training did.");
        }
        double edge = s * (Math.sqrt(first.outputs()) + Math.sqrt(first.inputs()));
        int kept = (int) Arrays.stream(all.s()).filter(value -> value > edge).count();
        String note = String.format(
                Locale.ROOT,
                "The attack was told of the defence, %s: noise of deviation %.2g on the first layer. It kept the %d of %d directions that stand"
                        + " above it.",
                told,
                s,
                kept,
                all.rank());
        if (kept == 0) {
            return new ToldDefence(released, 0, note);
        }
        Spectrum above = all.above(edge / all.s()[0]);
        DMatrixRMaj scaled = above.left().copy();
        CommonOps_DDRM.multCols(scaled, above.s());
        DMatrixRMaj weight = new DMatrixRMaj(first.outputs(), first.inputs());
        CommonOps_DDRM.mult(scaled, above.right(), weight);
        List<Head.Layer> layers = new ArrayList<>(released.layers());
        layers.set(0, new Head.Layer(first.outputs(), first.inputs(), weight.data, first.bias()));
        return new ToldDefence(Head.of(released.activation(), layers), kept, note);
    }

    /** Of what noise, rounding and quantisation each add to a released tensor. */
    private static double[] deviations(double[] weight, DefenceSpec told) {
        double square = Arrays.stream(weight).map(one -> one * one).sum() / weight.length;
        double largest = Arrays.stream(weight).map(Math::abs).max().orElse(0);
        double noise = told.weightNoise() == null ? 0 : told.weightNoise();
        // The noise is in units of the tensor before it: square = before^2 (1 + noise^2).
        double added = noise * Math.sqrt(square / (1 + noise * noise));
        double rounded = told.decimals() == null ? 0 : Math.pow(10, -told.decimals()) / Math.sqrt(12);
        double quantised = told.bits() == null ? 0 : largest / ((1 << (told.bits() - 1)) - 1) / Math.sqrt(12);
        return new double[] {added, rounded, quantised};
    }
}
