package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/** Gate patterns that fit the column space of the balanced rows, as {@link GateFit} left them. */
final class GatePool {
    private static final String PATTERNS = "patterns";
    private static final String COEFFICIENTS = "coefficients";
    private static final String CLEAN = "clean";

    /** Patterns closer than this share of the neurons are one. */
    private static final double SAME = .004;
    /** A pattern that is open, or closed, on fewer neurons than this share says nothing. */
    private static final double CONSTANT = .03;
    /** Share of neurons on which a pattern must fit. */
    private static final double CLEANEST = .6;

    /**
     * One pattern.
     *
     * @param gates as {@link Gates}; on the border of a neuron whichever side is nearer
     * @param coefficients {@code [rank]}: the fitted column t_j in the basis of the column space
     * @param clean share of the neurons on which pattern and fit agree
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Entry(long[] gates, float[] coefficients, double clean) {}

    private final int neurons;
    private final int rank;
    private final List<Entry> entries = new ArrayList<>();

    GatePool(int neurons, int rank) {
        this.neurons = neurons;
        this.rank = rank;
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    void addAll(GatePool others) {
        entries.addAll(others.entries);
    }

    int size() {
        return entries.size();
    }

    Entry get(int i) {
        return entries.get(i);
    }

    /** The patterns of some. */
    long[][] gates(int[] index) {
        return IntStream.of(index).mapToObj(i -> get(i).gates).toArray(long[][]::new);
    }

    /** The fits of some, {@code [n, rank]}. */
    DMatrixRMaj coefficients(int[] index) {
        DMatrixRMaj a = new DMatrixRMaj(index.length, rank);
        for (int j = 0; j < index.length; j++) {
            float[] row = get(index[j]).coefficients;
            for (int c = 0; c < rank; c++) {
                a.data[j * rank + c] = row[c];
            }
        }
        return a;
    }

    /** The cleanest, at most {@code most}, none like a cleaner one. */
    GatePool distinct(int most) {
        GatePool kept = new GatePool(neurons, rank);
        List<Entry> order = new ArrayList<>(entries);
        order.sort(Comparator.comparingDouble((Entry entry) -> -entry.clean));
        for (Entry entry : order) {
            if (entry.clean < CLEANEST || kept.size() == most) {
                break;
            }
            double open = Gates.open(entry.gates) / (double) neurons;
            if (open > CONSTANT && open < 1 - CONSTANT && kept.isNew(entry.gates)) {
                kept.add(entry);
            }
        }
        return kept;
    }

    private boolean isNew(long[] gates) {
        for (Entry entry : entries) {
            if (Gates.difference(gates, entry.gates) <= SAME * neurons) {
                return false;
            }
        }
        return true;
    }

    /** Each pattern with this probability. */
    GatePool sample(double share, SplittableRandom random) {
        GatePool some = new GatePool(neurons, rank);
        for (Entry entry : entries) {
            if (random.nextDouble() < share) {
                some.add(entry);
            }
        }
        return some;
    }

    /** I64 {@code patterns [n, words]}, F32 {@code coefficients [n, rank]}, F64 {@code clean [n]}. */
    Map<String, Tensor> tensors() {
        int words = Gates.words(neurons);
        long[] patterns = new long[size() * words];
        float[] coefficients = new float[size() * rank];
        double[] clean = new double[size()];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(get(i).gates, 0, patterns, i * words, words);
            System.arraycopy(get(i).coefficients, 0, coefficients, i * rank, rank);
            clean[i] = get(i).clean;
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(PATTERNS, Tensor.ofLongs(patterns, size(), words));
        tensors.put(COEFFICIENTS, Tensor.ofFloats(coefficients, size(), rank));
        tensors.put(CLEAN, Tensor.ofDoubles(clean, size()));
        return tensors;
    }

    /** The patterns alone of what {@link #tensors} gave, of the same head in any column space. */
    static List<long[]> patterns(Map<String, Tensor> tensors) {
        Tensor patterns = Candidates.required(tensors, PATTERNS);
        int words = (int) patterns.shape()[1];
        long[] bits = patterns.toLongs();
        List<long[]> all = new ArrayList<>();
        for (int at = 0; at < bits.length; at += words) {
            all.add(Arrays.copyOfRange(bits, at, at + words));
        }
        return all;
    }

    /** Adds what {@link #tensors} gave, of the same head. */
    void addAll(Map<String, Tensor> tensors) {
        int words = Gates.words(neurons);
        Tensor patterns = Candidates.required(tensors, PATTERNS);
        Tensor coefficients = Candidates.required(tensors, COEFFICIENTS);
        if (patterns.shape().length != 2
                || patterns.shape()[1] != words
                || coefficients.shape().length != 2
                || coefficients.shape()[1] != rank) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "Gate patterns: found " + patterns + " and " + coefficients + ", expected " + words + " words and "
                            + rank + " coefficients for " + neurons
                            + " living neurons. The search was run on another head.");
        }
        long[] bits = patterns.toLongs();
        float[] all = coefficients.toFloats();
        double[] clean = Candidates.required(tensors, CLEAN).toDoubles();
        for (int i = 0; i < clean.length; i++) {
            add(new Entry(
                    Arrays.copyOfRange(bits, i * words, (i + 1) * words),
                    Arrays.copyOfRange(all, i * rank, (i + 1) * rank),
                    clean[i]));
        }
    }
}
