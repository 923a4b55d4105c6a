package dev.palimpsest.gateway.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.Documents;
import dev.palimpsest.gateway.view.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparerTest {
    private static final Documents NONE = new Documents() {
        @Override
        public <T> T read(ArtifactRef ref, Class<T> type) {
            throw new AssertionError("no document is needed: " + ref);
        }
    };

    @Test
    void whatBroughtNothingBackHasNoAreaToCompare() {
        Comparison comparison =
                new Comparer(NONE).compare(List.of(audit("a", .6, .8), audit("b", -1, .5), audit("c", .5, .9)));

        Comparison.Measure area = comparison.measures().stream()
                .filter(measure -> measure.name().startsWith("area"))
                .findFirst()
                .orElseThrow();
        assertThat(area.values()).containsExactly(.8, null, .9);
        assertThat(area.differences().get(1)).isNull();
        assertThat(area.differences().get(2)).isNotNull();
        assertThat(comparison.measures().get(0).values()).containsExactly(.1, .1, .1);
        assertThat(comparison.audits())
                .extracting(Comparison.Side::backbone, Comparison.Side::dataset, Comparison.Side::cosines)
                .containsOnly(tuple("b", null, List.of()));
    }

    private static AuditSnapshot audit(String id, double bestControl, double area) {
        VerdictView verdict = new VerdictView(
                "B",
                "",
                40,
                20,
                Map.of("0.9", 4),
                Map.of("0.9", 30),
                Map.of("0.9", 0),
                bestControl,
                .1,
                .2,
                area,
                null,
                null);
        AuditView view = new AuditView(
                id,
                id,
                State.DONE,
                1,
                null,
                null,
                List.of(),
                verdict,
                List.of(),
                0,
                List.of(),
                List.of(),
                "models/b",
                null);
        return new AuditSnapshot(view, null, null, List.of(), Map.of());
    }
}
