package dev.palimpsest.embed.train;

import dev.palimpsest.models.Head;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Numbers about a trained head, in {@code float64}: accuracy, mean loss, and the relative stationarity residual
 * {@code ||grad mean loss + wd theta|| / ||wd theta||} over all parameters (0 at convergence; what the attack assumes).
 */
public final class HeadCheck {
    private HeadCheck() {}

    /**
     * @param residual NaN when there is no weight decay: then there is no stationary point
     */
    public record Result(double accuracy, double loss, double residual) {}

    /**
     * @param inputs {@code [n, d]} row-major, normalised
     * @param labels {@code [n]}
     */
    public static Result check(Head head, double[] inputs, int[] labels, double weightDecay) {
        int n = labels.length;
        int d = head.inputs();
        int h = head.hidden();
        int c = head.outputs();
        DMatrixRMaj x = DMatrixRMaj.wrap(n, d, inputs);
        DMatrixRMaj w = DMatrixRMaj.wrap(h, d, head.w());
        DMatrixRMaj v = DMatrixRMaj.wrap(c, h, head.v());
        DMatrixRMaj z = new DMatrixRMaj(n, h);
        CommonOps_DDRM.multTransB(x, w, z);
        DMatrixRMaj a = new DMatrixRMaj(n, h);
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < h; k++) {
                double value = z.get(i, k) + head.b()[k];
                z.set(i, k, value);
                a.set(i, k, Math.max(0, value));
            }
        }
        DMatrixRMaj o = new DMatrixRMaj(n, c);
        CommonOps_DDRM.multTransB(a, v, o);
        DMatrixRMaj delta = new DMatrixRMaj(n, c);
        double loss = 0;
        int right = 0;
        for (int i = 0; i < n; i++) {
            double[] row = new double[c];
            for (int k = 0; k < c; k++) {
                row[k] = o.get(i, k) + bias(head, k);
            }
            loss += c == 1 ? binary(row[0], labels[i], delta, i, n) : several(row, labels[i], delta, i, n);
            right += answer(row) == labels[i] ? 1 : 0;
        }
        double residual = weightDecay > 0 ? residual(head, x, z, a, v, delta, weightDecay) : Double.NaN;
        return new Result((double) right / n, loss / n, residual);
    }

    private static double bias(Head head, int k) {
        double[] c = head.c();
        return c == null ? 0 : c[k];
    }

    private static int answer(double[] row) {
        if (row.length == 1) {
            return row[0] > 0 ? 1 : 0;
        }
        int best = 0;
        for (int k = 1; k < row.length; k++) {
            best = row[k] > row[best] ? k : best;
        }
        return best;
    }

    private static double binary(double o, int label, DMatrixRMaj delta, int i, int n) {
        double y = label == 1 ? 1 : -1;
        delta.set(i, 0, -y / (1 + Math.exp(y * o)) / n);
        return Math.log1p(Math.exp(-Math.abs(o))) + Math.max(0, -y * o);
    }

    private static double several(double[] row, int label, DMatrixRMaj delta, int i, int n) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : row) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : row) {
            sum += Math.exp(value - max);
        }
        for (int k = 0; k < row.length; k++) {
            delta.set(i, k, (Math.exp(row[k] - max) / sum - (k == label ? 1 : 0)) / n);
        }
        return Math.log(sum) + max - row[label];
    }

    private static double residual(
            Head head,
            DMatrixRMaj x,
            DMatrixRMaj z,
            DMatrixRMaj a,
            DMatrixRMaj v,
            DMatrixRMaj delta,
            double weightDecay) {
        int n = x.numRows;
        int h = head.hidden();
        DMatrixRMaj gV = new DMatrixRMaj(head.outputs(), h);
        CommonOps_DDRM.multTransA(delta, a, gV);
        DMatrixRMaj back = new DMatrixRMaj(n, h);
        CommonOps_DDRM.mult(delta, v, back);
        double[] gB = new double[h];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < h; k++) {
                double value = z.get(i, k) > 0 ? back.get(i, k) : 0;
                back.set(i, k, value);
                gB[k] += value;
            }
        }
        DMatrixRMaj gW = new DMatrixRMaj(h, head.inputs());
        CommonOps_DDRM.multTransA(back, x, gW);
        double off = squared(gW.data, head.w(), weightDecay)
                + squared(gB, head.b(), weightDecay)
                + squared(gV.data, head.v(), weightDecay);
        double size = squared(new double[head.w().length], head.w(), weightDecay)
                + squared(new double[h], head.b(), weightDecay)
                + squared(new double[head.v().length], head.v(), weightDecay);
        return Math.sqrt(off / size);
    }

    /** sum (g + wd theta)^2. */
    private static double squared(double[] gradient, double[] theta, double weightDecay) {
        double sum = 0;
        for (int i = 0; i < theta.length; i++) {
            double value = gradient[i] + weightDecay * theta[i];
            sum += value * value;
        }
        return sum;
    }
}
