package dev.palimpsest.gateway.report;

import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.view.CurveView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Turns a selection into the numbers that the plots draw. */
final class PlotData {
    private static final int BINS = 25;
    private static final int THRESHOLDS = 41;
    private static final int MOST_LOSSES = 24;

    private PlotData() {}

    static Report.Plots of(@Nullable Selection selection, List<CurveView> curves) {
        List<CurveView> losses = curves.stream()
                .filter(curve ->
                        curve.stage() == Stage.RECONSTRUCT && curve.figure().contains("loss"))
                .limit(MOST_LOSSES)
                .toList();
        List<Integer> clusters = selection == null
                ? List.of()
                : selection.ranking().stream()
                        .map(Selection.Representative::support)
                        .toList();
        Selection.Verdict verdict = selection == null ? null : selection.verdict();
        if (verdict == null) {
            return new Report.Plots(
                    List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), clusters, List.of(),
                    List.of(), List.of(), losses);
        }
        List<Double> thresholds = IntStream.range(0, THRESHOLDS)
                .mapToObj(i -> i / (double) (THRESHOLDS - 1))
                .toList();
        return new Report.Plots(
                IntStream.range(0, BINS).mapToObj(i -> i / (double) BINS).toList(),
                histogram(verdict.memberCosines()),
                histogram(verdict.controlCosines()),
                thresholds,
                shares(thresholds, verdict.memberCosines()),
                shares(thresholds, verdict.bounds()),
                shares(thresholds, verdict.controlCosines()),
                clusters,
                verdict.bounds(),
                verdict.memberCosines(),
                verdict.margins() == null ? List.of() : verdict.margins(),
                losses);
    }

    /** Counts in {@code BINS} equal bins of 0 to 1; what is below 0 counts in the first, 1 in the last. */
    static List<Integer> histogram(List<Double> cosines) {
        int[] counts = new int[BINS];
        for (double cosine : cosines) {
            counts[Math.max(0, Math.min(BINS - 1, (int) Math.floor(cosine * BINS)))]++;
        }
        return IntStream.of(counts).boxed().toList();
    }

    /** The share of values at or above each threshold; empty when there are no values. */
    static List<Double> shares(List<Double> thresholds, List<Double> values) {
        if (values.isEmpty()) {
            return List.of();
        }
        List<Double> shares = new ArrayList<>();
        for (double threshold : thresholds) {
            long above = values.stream()
                    .flatMapToDouble(DoubleStream::of)
                    .filter(value -> value >= threshold)
                    .count();
            shares.add(above / (double) values.size());
        }
        return shares;
    }
}
