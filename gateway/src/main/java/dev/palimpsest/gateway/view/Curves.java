package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Stage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How the figures of every piece of work went, such as the loss of an inversion. Thinned to every second point whenever a curve is full,
 * so that ten thousand audits fit into memory. Not thread-safe.
 */
final class Curves {
    private static final int MOST = 64;

    private final Map<String, Curve> curves = new LinkedHashMap<>();

    /** Adds what a piece tells; what a unit that runs again tells a second time changes nothing. */
    void add(AuditProgress progress) {
        progress.figures().forEach((figure, value) -> {
            if (!figure.equals("attempt") && Double.isFinite(value)) {
                curves.computeIfAbsent(
                                progress.stage() + "/" + progress.piece() + "/" + figure,
                                key -> new Curve(progress.stage(), progress.piece(), figure, progress.noun()))
                        .add(progress.done(), value);
            }
        });
    }

    void clear() {
        curves.clear();
    }

    /** Those with at least two points, in the order of their first. */
    List<CurveView> views() {
        return curves.values().stream()
                .filter(curve -> curve.size > 1)
                .map(Curve::view)
                .toList();
    }

    private static final class Curve {
        private final Stage stage;
        private final String piece;
        private final String figure;
        private final String noun;
        private float[] done = new float[4];
        private float[] values = new float[4];
        private int size;
        private long stride = 1;
        private long told;

        Curve(Stage stage, String piece, String figure, String noun) {
            this.stage = stage;
            this.piece = piece;
            this.figure = figure;
            this.noun = noun;
        }

        void add(long at, double value) {
            if (size > 0 && at <= done[size - 1] || told++ % stride != 0) {
                return;
            }
            if (size == MOST) {
                thin();
            }
            if (size == done.length) {
                done = Arrays.copyOf(done, 2 * size);
                values = Arrays.copyOf(values, 2 * size);
            }
            done[size] = at;
            values[size++] = (float) value;
        }

        private void thin() {
            for (int i = 0; 2 * i < size; i++) {
                done[i] = done[2 * i];
                values[i] = values[2 * i];
            }
            size = (size + 1) / 2;
            stride *= 2;
        }

        CurveView view() {
            return new CurveView(stage, piece, figure, noun, boxed(done), boxed(values));
        }

        private List<Double> boxed(float[] all) {
            return IntStream.range(0, size).mapToObj(i -> (double) all[i]).toList();
        }
    }
}
