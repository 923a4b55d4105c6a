package dev.palimpsest.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.spec.SpecReader;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Plan.Inputs VIT_B = new Plan.Inputs(600, 100, 346_000_000, 224);

    @Test
    void aStudyCostsItsSamplesItsEpochsItsSecondsAndItsPictures() {
        Plan plan = Plan.of(
                spec("target: { train: { dataset: photos, epochs: 5000 } }\n"
                        + "reconstruct: { seconds: 90 }\n"
                        + "invert: { top: 4, steps: 100 }"),
                VIT_B);
        assertThat(plan.stages()).extracting(Plan.StageCost::stage).containsExactly(Stage.values());
        assertThat(plan.stages()).extracting(Plan.StageCost::units).containsExactly(6, 5, 2, 4);
        assertThat(plan.stages().get(1).minutes()).isEqualTo(1.5);
        assertThat(plan.minutes())
                .isCloseTo(
                        plan.stages().stream()
                                .mapToDouble(Plan.StageCost::minutes)
                                .sum(),
                        within(1e-9));
        assertThat(plan.knows()).anyMatch(line -> line.contains("100 samples trained the head"));
        assertThat(plan.counts())
                .containsExactly("100 members and 500 held-out samples count what came back, by the dataset.");
    }

    @Test
    void twiceThePixelsOfASideAreFourTimesTheWorkOfAPicture() {
        double small = minutes("invert: { size: 64 }\ntarget: { train: { dataset: p, size: 64 } }");
        double large = minutes("invert: { size: 128 }\ntarget: { train: { dataset: p, size: 128 } }");
        assertThat(large / small).isCloseTo(4, within(1e-9));
    }

    @Test
    void whatIsNotGivenIsSaidToBeMissing() {
        Plan plan = Plan.of(spec("target: { head: h.safetensors }"), new Plan.Inputs(0, 0, 346_000_000, 224));
        assertThat(plan.knows())
                .contains("No normaliser: the spec names none.")
                .contains("Not how many samples trained the head, and not the weight decay.");
        assertThat(plan.counts())
                .containsExactly("Nothing: without knowledge.members there are pictures, but no numbers and no grade.");
        Plan members = Plan.of(
                spec("target: { head: h.safetensors }\nknowledge: { members: m.safetensors }"),
                new Plan.Inputs(0, 0, 346_000_000, 224));
        assertThat(members.counts()).anyMatch(line -> line.contains("nothing says what chance reaches"));
    }

    private static double minutes(String rest) {
        return Plan.of(spec(rest), VIT_B).stages().get(3).minutes();
    }

    private static AuditSpec spec(String rest) {
        return SpecReader.read("apiVersion: palimpsest/v1\nname: planned\nbackbone: vit\n" + rest, "test");
    }
}
