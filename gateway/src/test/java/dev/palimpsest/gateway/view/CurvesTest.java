package dev.palimpsest.gateway.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Stage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CurvesTest {
    private final Curves curves = new Curves();

    @Test
    void aCurveIsOfOnePieceAndOneFigureInTheOrderOfTheirFirstPoint() {
        curves.add(point("trial-2", 1, Map.of("loss", 3.0)));
        curves.add(point("trial-1", 1, Map.of("loss", 5.0)));
        curves.add(point("trial-1", 2, Map.of("loss", 4.0)));
        curves.add(point("trial-2", 2, Map.of("loss", 2.0)));
        curves.add(point("trial-3", 1, Map.of("loss", 1.0)));

        assertThat(curves.views()).extracting(CurveView::piece).containsExactly("trial-2", "trial-1");
        CurveView first = curves.views().get(0);
        assertThat(first.figure()).isEqualTo("loss");
        assertThat(first.noun()).isEqualTo("steps");
        assertThat(first.done()).containsExactly(1.0, 2.0);
        assertThat(first.values()).containsExactly(3.0, 2.0);
    }

    @Test
    void whatAUnitTellsASecondTimeAndWhatIsNoFigureChangesNothing() {
        curves.add(point("trial-1", 1, Map.of("loss", 3.0, "attempt", 1.0)));
        curves.add(point("trial-1", 2, Map.of("loss", 2.0, "attempt", 1.0)));
        curves.add(point("trial-1", 1, Map.of("loss", 30.0, "attempt", 2.0)));
        curves.add(point("trial-1", 2, Map.of("loss", 20.0, "attempt", 2.0)));
        curves.add(point("trial-1", 3, Map.of("loss", Double.NaN, "attempt", 2.0)));
        curves.add(point("trial-1", 4, Map.of("loss", Double.POSITIVE_INFINITY)));

        assertThat(curves.views()).singleElement().satisfies(curve -> {
            assertThat(curve.done()).containsExactly(1.0, 2.0);
            assertThat(curve.values()).containsExactly(3.0, 2.0);
        });
    }

    @Test
    void aLongCurveIsThinnedEvenlyAndKeepsItsBeginning() {
        for (int step = 0; step < 10_000; step++) {
            curves.add(point("trial-1", step, Map.of("loss", 1.0 * step)));
        }

        CurveView curve = curves.views().get(0);
        assertThat(curve.done()).hasSizeBetween(33, 64).startsWith(0.0);
        double gap = curve.done().get(1);
        for (int i = 0; i < curve.done().size(); i++) {
            assertThat(curve.done().get(i)).isEqualTo(i * gap);
            assertThat(curve.values().get(i)).isEqualTo(i * gap);
        }
        assertThat(10_000 - curve.done().get(curve.done().size() - 1)).isLessThanOrEqualTo(gap);
    }

    private static AuditProgress point(String piece, long done, Map<String, Double> figures) {
        return new AuditProgress(
                Made.AUDIT, Stage.RECONSTRUCT, piece, done, 10_000, "steps", "running", "works", figures, null);
    }
}
