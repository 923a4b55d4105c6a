package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/** Whether members have the gates of the patterns that they were found with: what is right does, far more often than what is not. */
final class Consistency {
    /** A violation of this size leaves 1 / e of a score. */
    private static final double VIOLATION = .05;
    /** Members of at least this part of the longest are long enough to stand out. */
    private static final double LONG = .2;

    private final GateSpace space;
    private final Device device;

    Consistency(GateSpace space, Device device) {
        this.space = space;
        this.device = device;
    }

    /**
     * @param violation {@code [n]} how far each m is from having the gates of its pattern: the mean size of the pre-activations on the wrong side of their
     *     border, over the mean size of all; each counts once at most
     * @param sign {@code [n]} of m that agrees with its pattern
     * @param gates {@code [n]} its own
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Look(double[] violation, double[] sign, long[][] gates) {}

    /** @param m {@code [n, rank]} in coordinates of the row space of Y */
    Look look(DMatrixRMaj m, long[][] patterns) {
        int neurons = space.neurons();
        double[] z = activations(m);
        Look look = new Look(new double[m.numRows], new double[m.numRows], new long[m.numRows][]);
        double[] row = new double[neurons];
        for (int j = 0; j < m.numRows; j++) {
            System.arraycopy(z, j * neurons, row, 0, neurons);
            long[] pattern = patterns[j];
            double sign = Gates.sign(pattern, row);
            double size = 0;
            for (double value : row) {
                size += Math.abs(value);
            }
            double mean = Math.max(1e-300, size / neurons);
            double wrong = 0;
            for (int k = 0; k < neurons; k++) {
                double right = (Gates.open(pattern, k) ? sign : -sign) * row[k];
                wrong += Math.min(1, Math.max(0, -right / mean));
            }
            look.violation[j] = wrong / neurons;
            look.sign[j] = sign;
            look.gates[j] = Gates.pack(neurons, row, sign);
        }
        return look;
    }

    /** {@code [n]} 0 to 1: consistent, and long enough to stand out. */
    static double[] score(Look look, double[] length, double longest) {
        return IntStream.range(0, length.length)
                .mapToDouble(j ->
                        Math.exp(-look.violation[j] / VIOLATION) * Math.sqrt(Math.min(1, length[j] / (LONG * longest))))
                .toArray();
    }

    /** {@code [n]} Euclidean. */
    static double[] lengths(DMatrixRMaj m) {
        double[] length = new double[m.numRows];
        Arrays.setAll(length, j -> RowSpace.norm(m.data, j * m.numCols, m.numCols));
        return length;
    }

    /** {@code [n, K]} row by row. */
    private double[] activations(DMatrixRMaj m) {
        if (m.numRows == 0) {
            return new double[0];
        }
        try (NDManager manager = Torch.newManager(device)) {
            DMatrixRMaj rows = space.activationRows();
            NDArray to = manager.create(rows.data, new Shape(rows.numRows, rows.numCols));
            return manager.create(m.data, new Shape(m.numRows, m.numCols))
                    .matMul(to.transpose())
                    .toDoubleArray();
        }
    }
}
