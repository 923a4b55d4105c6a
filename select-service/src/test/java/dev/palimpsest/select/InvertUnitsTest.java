package dev.palimpsest.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.InvertUnit.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class InvertUnitsTest {
    private static final AuditId AUDIT = new AuditId("an-audit");
    private static final ArtifactRef TARGET = ref("target");
    private static final ArtifactRef CHOSEN = ref("chosen");
    private static final ArtifactRef BOUNDS = ref("bounds");

    @Test
    void byThemselvesPicturesAreUnitsAsTheyAlwaysWere() {
        assertThat(units().messages(AUDIT, TARGET, 1))
                .containsExactly(
                        new InvertUnit(AUDIT, TARGET, "a", CHOSEN, 4, 0, null),
                        new InvertUnit(AUDIT, TARGET, "b", CHOSEN, 2, 0, null),
                        new InvertUnit(AUDIT, TARGET, "c", CHOSEN, 0, 0, null),
                        new InvertUnit(AUDIT, TARGET, "bound", BOUNDS, 0, 0, null));
    }

    @Test
    void aBatchHoldsRowsOfOneMatrixInTheirOrder() {
        assertThat(units().messages(AUDIT, TARGET, 2))
                .containsExactly(
                        new InvertUnit(AUDIT, TARGET, "a", CHOSEN, 4, 0, null, List.of(new Row("b", 2))),
                        new InvertUnit(AUDIT, TARGET, "c", CHOSEN, 0, 0, null),
                        new InvertUnit(AUDIT, TARGET, "bound", BOUNDS, 0, 0, null));
    }

    @Test
    void noRowIsLostOrAskedForTwice() {
        for (int batch = 1; batch < 6; batch++) {
            List<Message> units = units().messages(AUDIT, TARGET, batch);
            assertThat(units.stream().flatMap(unit -> ((InvertUnit) unit).rows().stream()))
                    .containsExactly(new Row("a", 4), new Row("b", 2), new Row("c", 0), new Row("bound", 0));
        }
    }

    private static InvertUnits units() {
        InvertUnits units = new InvertUnits();
        units.add(CHOSEN, "a", 4);
        units.add(CHOSEN, "b", 2);
        units.add(CHOSEN, "c", 0);
        units.add(BOUNDS, "bound", 0);
        return units;
    }

    private static ArtifactRef ref(String name) {
        return new ArtifactRef("audits/an-audit/" + name, "0".repeat(64), 1);
    }
}
