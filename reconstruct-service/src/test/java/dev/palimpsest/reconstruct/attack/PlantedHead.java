package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A head put together from known members by the stationarity equations. Gates s are random; with one output a member opens only neurons
 * that answer with its own sign, which the head then does open for it where d is large.
 */
record PlantedHead(Head head, double[] members, boolean[][] gates, int n) {

    /** {@code w_k = v_k sum_j s_jk lambda_j y_j x_j}, v +-1. With several outputs the head's own gates need not be s. */
    static PlantedHead of(int n, int d, int h, int outputs, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] x = new double[n * d];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextGaussian();
        }
        double[] v = new double[outputs * h];
        for (int k = 0; k < v.length; k++) {
            v[k] = random.nextBoolean() ? 1 : -1;
        }
        boolean[][] gates = new boolean[n][h];
        double[] w = new double[h * d];
        double[] b = new double[h];
        for (int k = 0; k < h; k++) {
            for (int j = 0; j < n; j++) {
                gates[j][k] = random.nextBoolean() && (outputs > 1 || (j % 2 == 0) == (v[k] < 0));
                if (gates[j][k]) {
                    double m = v[j % outputs * h + k] * (outputs == 1 && j % 2 == 0 ? -1 : 1) * .01 * (1 + j % 3);
                    b[k] += m;
                    for (int c = 0; c < d; c++) {
                        w[k * d + c] += m * x[j * d + c];
                    }
                }
            }
        }
        return new PlantedHead(Head.of(d, w, b, v, null), x, gates, n);
    }

    /** With multipliers scaled so that both layers have the same length, as at a stationary point. */
    PlantedHead balanced() {
        double in = RowSpace.norm(head.w(), 0, head.w().length);
        double bias = RowSpace.norm(head.b(), 0, head.b().length);
        double factor = RowSpace.norm(head.v(), 0, head.v().length) / Math.hypot(in, bias);
        double[] w = Arrays.stream(head.w()).map(x -> factor * x).toArray();
        double[] b = Arrays.stream(head.b()).map(x -> factor * x).toArray();
        return new PlantedHead(Head.of(head.inputs(), w, b, head.v(), head.c()), members, gates, n);
    }
}
