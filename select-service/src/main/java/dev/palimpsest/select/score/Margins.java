package dev.palimpsest.select.score;

import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;

/**
 * How far the head is from deciding otherwise: {@code |f(x)|} with one output, the largest logit less the next with several. At the end of
 * training only samples on the margin, those with the least, have a say in the weights: N. Haim et al., "Reconstructing training data from
 * trained neural networks" (2022), section 3.
 */
public final class Margins {
    private Margins() {}

    /**
     * @param points {@code [n, d]} row-major, in the space that the head saw
     * @return {@code [n]}, each 0 or more
     */
    public static double[] of(Head head, float[] points) {
        int d = head.inputs();
        DMatrixRMaj a = new DMatrixRMaj(points.length / d, d);
        for (int i = 0; i < points.length; i++) {
            a.data[i] = points[i];
        }
        for (int k = 0; k < head.layers().size(); k++) {
            a = StationaritySystem.affine(head.layers().get(k), a);
            if (k < head.layers().size() - 1) {
                for (int i = 0; i < a.data.length; i++) {
                    a.data[i] = head.activation().value(a.data[i]);
                }
            }
        }
        double[] margins = new double[a.numRows];
        for (int i = 0; i < margins.length; i++) {
            margins[i] = margin(a, i);
        }
        return margins;
    }

    private static double margin(DMatrixRMaj logits, int row) {
        if (logits.numCols == 1) {
            return Math.abs(logits.get(row, 0));
        }
        double best = Double.NEGATIVE_INFINITY;
        double second = best;
        for (int o = 0; o < logits.numCols; o++) {
            double logit = logits.get(row, o);
            second = Math.max(second, Math.min(best, logit));
            best = Math.max(best, logit);
        }
        return best - second;
    }
}
