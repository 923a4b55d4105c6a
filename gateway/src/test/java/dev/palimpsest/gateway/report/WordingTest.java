package dev.palimpsest.gateway.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordingTest {
    @Test
    void saysWhatTheBackboneWasFedWhereThatIsKnown() {
        assertThat(Wording.knowledge(target(112)))
                .contains("The frozen backbone, which is public, and the size of its input: 112 pixels.");
    }

    @Test
    void makesUpNoSizeForAReleasedHead() {
        assertThat(Wording.knowledge(target(0)))
                .contains("The frozen backbone, which is public.")
                .noneMatch(sentence -> sentence.contains("pixels"));
    }

    @Test
    void saysOfTextsThatNoneIsMadeAndNothingAboutPhotographs() {
        assertThat(Wording.limits("minilm-l6-v2"))
                .anyMatch(sentence -> sentence.contains("What they mean to a reader of texts was not measured"))
                .noneMatch(sentence -> sentence.contains("photograph"));
        assertThat(Wording.limits("backbones/vit")).anyMatch(sentence -> sentence.contains("photograph"));
    }

    @Test
    void nothingThatCameBackIsNoProofOfSafety() {
        AuditView view = new AuditView(
                "a", "a", State.DONE, 1, null, null, List.of(), null, List.of(), 0, List.of(), List.of(), "b", null);
        VerdictView nothing = new VerdictView("A", "", 72, 36, Map.of(), Map.of(), Map.of(), -1, 0, 0, .5, null, null);
        VerdictView something = new VerdictView(
                "D", "", 72, 36, Map.of("0.9", 2, "0.75", 7), Map.of(), Map.of(), .5, 0, 0, .5, null, null);

        assertThat(Wording.headline(view, nothing)).contains("no proof that nothing can come back");
        assertThat(Wording.headline(view, something))
                .startsWith("2 of 72 training samples")
                .contains("7 above 0.75");
    }

    private static Target target(int inputSize) {
        return new Target(
                1,
                new AuditId("an-audit"),
                new ArtifactRef("targets/an-audit/head", "0".repeat(64), 1),
                null,
                Map.of(),
                inputSize,
                List.of("hen", "fish"),
                0,
                0,
                new AuditSpec.ReconstructSpec(null, null, null),
                new AuditSpec.SelectSpec(null, null),
                new AuditSpec.InvertSpec(null, null, null, null, null, null),
                Map.of());
    }
}
