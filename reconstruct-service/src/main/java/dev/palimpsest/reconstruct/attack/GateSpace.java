package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What gate pursuit knows of a head: its balanced rows {@code Y = [w_k, b_k] / |v_k|}, with one output times the sign of v_k. By
 * stationarity {@code Y = sum_j t_j m_j^T}: one term a member, {@code m_j = lambda_j [x_j, 1]} up to sign, {@code t_j} its gates (one
 * output) or its gates times what each neuron's output column gives of its output side (several). So every t_j lies in the column space
 * of Y, whose dimension is far below K.
 *
 * <p>Y keeps all d dimensions: dividing by small output weights lifts directions that the first layer as a whole hides. Points of the
 * search are in row-space coordinates; neurons are the K living ones.
 */
final class GateSpace {
    /** Singular values of Y below this share of the first are left out, unless said otherwise. */
    static final double CUT = 3e-3;

    /** Length of a starting point over sqrt(d): z-scored members are a little shorter than sqrt(d) inside the row space. */
    private static final double LENGTH = .8;

    private final int r;
    private final int neurons;
    private final double[][] balanced;
    private final double[][] columns;
    private final double[][] sides;
    private final double[] w;
    private final double[] b;
    private final Spectrum spectrum;
    private final double[] factors;
    private final DMatrixRMaj activations;
    private final double length;
    private final double width;

    GateSpace(Head head, RowSpace space) {
        this(head, space, CUT);
    }

    /** @param cut singular values of Y below this share of the first are left out */
    GateSpace(Head head, RowSpace space, double cut) {
        BalancedNeurons living = BalancedNeurons.of(head, space);
        r = space.rank();
        neurons = living.count();
        balanced = living.rows();
        columns = living.side();
        sides = head.outputs() == 1 ? ones(neurons) : withoutMean(living.side());
        double[] all = new ReducedHead(head, space).w();
        w = new double[neurons * r];
        b = new double[neurons];
        int d = head.inputs();
        DMatrixRMaj y = new DMatrixRMaj(neurons, d + 1);
        factors = new double[neurons];
        for (int k = 0; k < neurons; k++) {
            int neuron = living.index()[k];
            System.arraycopy(all, neuron * r, w, k * r, r);
            b[k] = head.b()[neuron];
            factors[k] = living.factor(k, head);
            for (int c = 0; c < d; c++) {
                y.set(k, c, head.w()[neuron * d + c] / factors[k]);
            }
            y.set(k, d, b[k] / factors[k]);
        }
        spectrum = Spectrum.of(y, cut);
        activations = activationRows(spectrum, factors);
        length = LENGTH * Math.sqrt(head.inputs());
        width = typicalActivation();
    }

    private GateSpace(GateSpace wider, double cut) {
        r = wider.r;
        neurons = wider.neurons;
        balanced = wider.balanced;
        columns = wider.columns;
        sides = wider.sides;
        w = wider.w;
        b = wider.b;
        spectrum = wider.spectrum.above(cut);
        factors = wider.factors;
        activations = activationRows(spectrum, factors);
        length = wider.length;
        width = wider.width;
    }

    /** The same with fewer of Y's dimensions; nothing is decomposed again. */
    GateSpace above(double cut) {
        return new GateSpace(this, cut);
    }

    private static DMatrixRMaj activationRows(Spectrum spectrum, double[] factors) {
        DMatrixRMaj activations = spectrum.left().copy();
        CommonOps_DDRM.multCols(activations, spectrum.s());
        CommonOps_DDRM.multRows(factors, activations);
        return activations;
    }

    private static double[][] ones(int n) {
        double[][] ones = new double[n][1];
        Arrays.stream(ones).forEach(row -> row[0] = 1);
        return ones;
    }

    /** Coordinates of the columns in an orthonormal basis of the vectors whose sum is zero: an output side is of that kind. */
    private static double[][] withoutMean(double[][] columns) {
        int outputs = columns[0].length;
        double[][] sides = new double[columns.length][outputs - 1];
        for (int k = 0; k < columns.length; k++) {
            double before = 0;
            for (int c = 1; c < outputs; c++) {
                before += columns[k][c - 1];
                sides[k][c - 1] = (before - c * columns[k][c]) / Math.sqrt(c * (c + 1.0));
            }
        }
        return sides;
    }

    private double typicalActivation() {
        SplittableRandom random = new SplittableRandom(0);
        double[] sizes = new double[500 * neurons];
        for (int i = 0; i < 500; i++) {
            double[] z = activations(randomPoint(random));
            for (int k = 0; k < neurons; k++) {
                sizes[i * neurons + k] = Math.abs(z[k]);
            }
        }
        Arrays.sort(sizes);
        return sizes[sizes.length / 2];
    }

    /** Dimension of the row space, {@code u [r]}. */
    int r() {
        return r;
    }

    /** Number K of living neurons. */
    int neurons() {
        return neurons;
    }

    /** Dimension of the column space of Y. */
    int rank() {
        return spectrum.rank();
    }

    /** Orthonormal basis of the column space, {@code [K, rank]}. */
    DMatrixRMaj columnBasis() {
        return spectrum.left();
    }

    /** Singular values of Y, {@code [rank]}. */
    double[] singularValues() {
        return spectrum.s();
    }

    /** What turns rows of M in coordinates of the row space of Y, {@code [n, rank]}, into pre-activations: {@code [K, rank]}. */
    DMatrixRMaj activationRows() {
        return activations;
    }

    /** {@code [n, rank]} to {@code [n, d + 1]}, the last coordinate that of the bias. */
    DMatrixRMaj lift(DMatrixRMaj m) {
        DMatrixRMaj lifted = new DMatrixRMaj(m.numRows, spectrum.right().numCols);
        CommonOps_DDRM.mult(m, spectrum.right(), lifted);
        return lifted;
    }

    /** Output columns of unit length, {@code [K, C]}. */
    double[][] columns() {
        return columns;
    }

    /** Output columns in coordinates of the output sides, {@code [K, max(1, C - 1)]}; ones for one output. */
    double[][] sides() {
        return sides;
    }

    /** Orthonormal basis of the output sides, {@code [C, C - 1]}; {@code [1, 1]} for one output. */
    double[][] outputBasis() {
        int outputs = columns[0].length;
        double[][] units = new double[outputs][outputs];
        for (int c = 0; c < outputs; c++) {
            units[c][c] = 1;
        }
        return outputs == 1 ? units : withoutMean(units);
    }

    /** First layer of the living neurons, {@code [K, r]} row by row. */
    double[] w() {
        return w;
    }

    /** First bias of the living neurons, {@code [K]}. */
    double[] b() {
        return b;
    }

    /** Balanced rows, {@code [K, r + 1]}. */
    double[][] balanced() {
        return balanced;
    }

    /** The length of starting points. */
    double length() {
        return length;
    }

    /** Median size of a pre-activation of a point of that length. */
    double width() {
        return width;
    }

    double[] randomPoint(SplittableRandom random) {
        double[] u = new double[r];
        for (int c = 0; c < r; c++) {
            u[c] = random.nextGaussian();
        }
        return sized(u);
    }

    /** The point in the direction of u that has the length of a member. */
    double[] sized(double[] u) {
        double factor = length / Math.max(1e-9, RowSpace.norm(u, 0, u.length));
        return Arrays.stream(u).map(value -> value * factor).toArray();
    }

    private double[] activations(double[] u) {
        double[] z = b.clone();
        for (int k = 0, at = 0; k < neurons; k++) {
            for (int c = 0; c < r; c++, at++) {
                z[k] += w[at] * u[c];
            }
        }
        return z;
    }

    /** The gate pattern of a point. */
    long[] gates(double[] u) {
        return Gates.pack(neurons, activations(u), 1);
    }
}
