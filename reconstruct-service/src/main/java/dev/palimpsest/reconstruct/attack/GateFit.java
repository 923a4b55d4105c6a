package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.models.Torch;
import java.util.List;

/**
 * Fits gate patterns to the column space of the balanced rows where they can be trusted, and corrects them.
 *
 * <p>A member's column t_j lies in that space, but is not quite its gate pattern: training pushes a neuron that is closed for a member
 * until it opens, and pulls it back once it has opened, so that many neurons end <em>on</em> a member's border ({@code w_k x_j + b_k = 0} to
 * a thousandth of its usual size; 5 % of all pairs on food2, up to half of the neurons of one member) and have been open for it a part of
 * the time. There t_jk is a fraction of its full value, everywhere else it is nothing or all. So the fit is robust, and one-sided: a fit between the two values
 * may be a fraction, one beyond them is an error.
 *
 * <p>Weighted projection: {@code f = P P^T (w o t + (1 - w) o f)}, where w falls with the distance between f and t on the inner side, to
 * a scale that shrinks step by step. On the way patterns whose fit is clearly on the other side are flipped. With several outputs the full value
 * of neuron k is {@code v_k . e}, and the member's output side e is fitted along, among those that training can leave. float32; a step of n patterns costs two products of
 * {@code [n, K]} and {@code [K, rank]}.
 */
final class GateFit {
    private static final int BATCH = 250;
    private static final int STEPS = 60;
    private static final double FIRST_SCALE = .3;
    private static final double LAST_SCALE = .02;
    private static final float MOMENTUM = .8f;
    /** Before this part of the steps the fit does not flip anything. */
    private static final double FLIPS_FROM = .3;
    /** A fit beyond this share of the full value says open, below the rest of it closed. */
    private static final float DECIDED = .85f;
    /** Neurons whose output column is nearly at right angles to the output side say nothing of the gate. */
    private static final float SPEAKS = .25f;
    /** A fit this near to the pattern agrees with it. */
    private static final float AGREES = .03f;

    private final GateSpace space;
    private final OutputSides sides;
    private final Device device;

    GateFit(GateSpace space, Device device) {
        this.space = space;
        this.sides = new OutputSides(space);
        this.device = device;
    }

    /** The patterns after correction, in their order, with their fits. */
    GatePool fit(List<long[]> patterns, Progress progress) {
        GatePool fitted = new GatePool(space.neurons(), space.rank());
        for (int from = 0; from < patterns.size(); from += BATCH) {
            int to = Math.min(patterns.size(), from + BATCH);
            batch(patterns.subList(from, to), fitted);
            progress.at(to, patterns.size(), "patterns fitted");
        }
        return fitted;
    }

    private record Constants(NDArray basis, NDArray sides, NDArray outputs) {}

    /** Everything that moves, {@code s, f [n, K]}, {@code e [n, c]}. */
    private record State(NDArray s, NDArray f, NDArray before, NDArray e) {}

    private void batch(List<long[]> patterns, GatePool fitted) {
        int n = patterns.size();
        int neurons = space.neurons();
        try (NDManager manager = Torch.newManager(device)) {
            Constants head = new Constants(
                    manager.create(
                            RowSpaceOptimiser.narrow(space.columnBasis().data), new Shape(neurons, space.rank())),
                    manager.create(flat(space.sides())),
                    manager.create(flat(space.outputBasis())));
            NDArray s = manager.create(zerosAndOnes(patterns), new Shape(n, neurons));
            NDArray e = manager.create(flat(sides.nearest(patterns)));
            State state = start(head, s, e);
            for (int step = 0; step < STEPS; step++) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    State next = step(head, state, step / (STEPS - 1.0));
                    NDScope.unregister(next.s, next.f, next.before, next.e);
                    if (step > 0) {
                        state.before.close();
                    }
                    if (next.s != state.s) {
                        state.s.close();
                    }
                    if (next.e != state.e) {
                        state.e.close();
                    }
                    state = next;
                }
            }
            collect(head, state, fitted);
        }
    }

    private State start(Constants head, NDArray s, NDArray e) {
        NDArray sized = sized(head, ofOneClass(head, e), s);
        NDArray f = projected(head, s.mul(full(head, sized)));
        return new State(s, f, f, sized);
    }

    /** e such that the open neurons' full values have mean square 1. */
    private NDArray sized(Constants head, NDArray e, NDArray s) {
        if (space.sides()[0].length == 1) {
            return e;
        }
        int[] row = {1};
        NDArray v = full(head, e);
        NDArray square = v.square().muli(s).sum(row, true).divi(s.sum(row, true).maximum(1f));
        return e.div(square.sqrt().maximum(1e-6f));
    }

    /** {@code v_k . e}, {@code [n, K]}. */
    private static NDArray full(Constants head, NDArray e) {
        return e.matMul(head.sides.transpose());
    }

    private static NDArray projected(Constants head, NDArray t) {
        return t.matMul(head.basis).matMul(head.basis.transpose());
    }

    private State step(Constants head, State at, double share) {
        float scale = (float) (FIRST_SCALE * Math.pow(LAST_SCALE / FIRST_SCALE, share));
        NDArray v = full(head, at.e);
        NDArray s = share < FLIPS_FROM ? at.s : flipped(at.s, at.f, v);
        NDArray t = s.mul(v);
        // How far the fit is from t towards the other value, in units of full values of size 1.
        NDArray inside = t.sub(at.f).muli(v.sign()).muli(s.mul(2f).subi(1f));
        NDArray near = NDArrays.div(1f, inside.div(scale).square().addi(1f));
        NDArray beyond = NDArrays.div(1f, inside.abs().divi(scale).addi(1f).sqrt());
        NDArray inner = inside.gt(0f).toType(near.getDataType(), false);
        NDArray weight = near.subi(beyond).muli(inner).addi(beyond);
        NDArray ahead = at.f.sub(at.before).muli(MOMENTUM).addi(at.f);
        NDArray f = projected(head, t.sub(ahead).muli(weight).addi(ahead));
        return new State(s, f, at.f, moved(head, at.e, s, f, v, weight));
    }

    private static NDArray flipped(NDArray s, NDArray f, NDArray v) {
        NDArray along = f.mul(v.sign());
        NDArray size = v.abs();
        NDArray opens = along.gt(size.mul(DECIDED)).toType(s.getDataType(), false);
        NDArray shuts = along.lt(size.mul(1 - DECIDED)).toType(s.getDataType(), false);
        NDArray speaks = size.gt(SPEAKS).toType(s.getDataType(), false);
        return s.add(speaks.mul(opens.mul(s.mul(-1f).addi(1f)).subi(shuts.mul(s))));
    }

    /** One step of gradient descent of e on the open neurons that the fit agrees with. */
    private NDArray moved(Constants head, NDArray e, NDArray s, NDArray f, NDArray v, NDArray weight) {
        int c = space.sides()[0].length;
        if (c == 1) {
            return e;
        }
        NDArray counts = weight.mul(s);
        NDArray step = f.sub(v).muli(counts).matMul(head.sides);
        NDArray sum = counts.sum(new int[] {1}, true).maximum(1f);
        return sized(head, ofOneClass(head, e.add(step.muli(c).divi(sum))), s);
    }

    /**
     * An output side near e of the kind that cross entropy leaves: {@code 1 - p} for the member's own class and {@code -p} for every other, so,
     * up to its sign, one positive number and a sum of zero. With ten outputs 1 in 50 directions is so, and wrong patterns want the others.
     */
    private NDArray ofOneClass(Constants head, NDArray e) {
        if (space.sides()[0].length == 1) {
            return e;
        }
        int[] row = {1};
        NDArray all = e.matMul(head.outputs.transpose());
        NDArray size = all.abs();
        NDArray own = size.gte(size.max(row, true)).toType(e.getDataType(), false);
        NDArray sign = all.mul(own).sum(row, true).sign();
        NDArray others = all.mul(sign).minimum(0f).muli(own.mul(-1f).addi(1f));
        NDArray kept = others.add(own.mul(others.sum(row, true).mul(-1f))).muli(sign);
        return kept.matMul(head.outputs);
    }

    private void collect(Constants head, State state, GatePool fitted) {
        int rank = space.rank();
        int neurons = space.neurons();
        float[] s = state.s.toFloatArray();
        float[] coefficients = state.f.matMul(head.basis).toFloatArray();
        float tolerance = space.sides()[0].length == 1 ? AGREES : 2 * AGREES;
        float[] clean = state.s
                .mul(full(head, state.e))
                .subi(state.f)
                .abs()
                .lt(tolerance)
                .toType(state.f.getDataType(), false)
                .mean(new int[] {1})
                .toFloatArray();
        for (int i = 0; i < clean.length; i++) {
            long[] gates = new long[Gates.words(neurons)];
            for (int k = 0; k < neurons; k++) {
                if (s[i * neurons + k] > .5f) {
                    gates[k >> 6] |= 1L << k;
                }
            }
            float[] row = new float[rank];
            System.arraycopy(coefficients, i * rank, row, 0, rank);
            fitted.add(new GatePool.Entry(gates, row, clean[i]));
        }
    }

    private float[] zerosAndOnes(List<long[]> patterns) {
        int neurons = space.neurons();
        float[] all = new float[patterns.size() * neurons];
        for (int i = 0, at = 0; i < patterns.size(); i++) {
            for (int k = 0; k < neurons; k++, at++) {
                all[at] = Gates.open(patterns.get(i), k) ? 1 : 0;
            }
        }
        return all;
    }

    private static float[][] flat(double[][] rows) {
        float[][] floats = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            floats[i] = RowSpaceOptimiser.narrow(rows[i]);
        }
        return floats;
    }
}
