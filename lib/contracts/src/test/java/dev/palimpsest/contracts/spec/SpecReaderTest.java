package dev.palimpsest.contracts.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecReaderTest {
    private static final String STUDY = """
            apiVersion: palimpsest/v1
            name: animals
            backbone: ./backbones/vit
            target:
              train: { dataset: ./photos, split: ./photos/split.csv, classes: [hen, fish], epochs: 500, weightDecay: 1e-2 }
            reconstruct: { preset: paper, seconds: 20, seed: 3 }
            invert: { top: 4, steps: 300 }
            """;

    @Test
    void readsAStudyAndFillsDefaults() {
        AuditSpec spec = SpecReader.read(STUDY, "audit.yaml");

        assertThat(spec.name()).isEqualTo("animals");
        assertThat(spec.target().head()).isNull();
        assertThat(spec.target().train())
                .isEqualTo(new AuditSpec.TrainSpec(
                        "./photos",
                        "./photos/split.csv",
                        List.of("hen", "fish"),
                        0,
                        0,
                        500,
                        0.01,
                        0.01,
                        500,
                        0L,
                        null,
                        null,
                        null));
        assertThat(spec.reconstruct()).isEqualTo(new AuditSpec.ReconstructSpec("paper", 20, 3L));
        assertThat(spec.select()).isEqualTo(new AuditSpec.SelectSpec(0.9, 0));
        assertThat(spec.invert()).isEqualTo(new AuditSpec.InvertSpec("dip", 4, 300, 0, 1L, null));
    }

    @Test
    void aPictureHasTheStepsOfItsPreset() {
        String text = spec("dataset: photos");

        assertThat(SpecReader.read(text, "audit.yaml").invert().steps()).isEqualTo(200);
        assertThat(SpecReader.read(text + "invert: {preset: paper}\n", "audit.yaml")
                        .invert())
                .isEqualTo(new AuditSpec.InvertSpec("dip", 8, 20_000, 0, 1L, "paper"));
        assertThat(SpecReader.lint(text + "invert: {preset: papre}\n"))
                .extracting(Problem::path)
                .contains("invert.preset");
    }

    @Test
    void picturesAreMadeInBatchesWhereTheSpecSaysSo() {
        String text = spec("dataset: photos");

        assertThat(SpecReader.read(text, "audit.yaml").invert().batch()).isNull();
        assertThat(SpecReader.read(text + "invert: {batch: 8}\n", "audit.yaml")
                        .invert()
                        .batch())
                .isEqualTo(8);
        assertThat(SpecReader.lint(text + "invert: {batch: 0}\n"))
                .extracting(Problem::path)
                .containsExactly("invert.batch");
    }

    @Test
    void defencesAreReadAndDpSgdNeedsBothOfItsNumbers() throws JsonProcessingException {
        AuditSpec.TrainSpec train = train("dataset: photos, defence: {dropout: .5, dpClip: 1, dpNoise: 2, bits: 8}");
        assertThat(train.defence())
                .isEqualTo(new DefenceSpec(.5, null, null, null, null, 1., 2., null, null, null, 8, null, null));
        String text = spec("dataset: photos, defence: {bits: 8, optimiser: adam}");
        AuditSpec spec = SpecReader.read(text, "audit.yaml");
        assertThat(SpecReader.read(Json.mapper().writeValueAsString(spec), "request"))
                .isEqualTo(spec);
        assertThat(SpecReader.lint(spec("dataset: photos, defence: {dpClip: 1, dropout: 1, dropot: .1}")))
                .extracting(Problem::path, Problem::text)
                .satisfiesExactlyInAnyOrder(
                        problem -> assertThat(problem.toList().get(0)).isEqualTo("target.train.defence.dpNoise"),
                        problem -> assertThat(problem.toList().get(0)).isEqualTo("target.train.defence.dropout"),
                        problem -> assertThat(problem.toList().get(0)).isEqualTo("target.train.defence.dropot"));
    }

    @Test
    void aPresetFillsInWhatTheSpecLeavesOut() {
        AuditSpec.TrainSpec train = train("dataset: ./food-101, preset: food101-binary");

        assertThat(train.dataset()).isEqualTo("food101:./food-101");
        assertThat(train.labels()).containsExactly("first", "second");
        assertThat(train.perClass()).isEqualTo(50);
        assertThat(train.heldOutPerClass()).isEqualTo(50);
        assertThat(train.subsetSeed()).isZero();
    }

    @Test
    void whatTheSpecSaysGoesBeforeThePreset() throws JsonProcessingException {
        AuditSpec.TrainSpec train =
                train("dataset: 'inat:./inat', preset: inat-4, classes: [Aves, Fungi], perClass: 0, subsetSeed: 5");

        assertThat(train.classes()).containsExactly("Aves", "Fungi");
        assertThat(train.perClass()).isZero();
        assertThat(train.heldOutPerClass()).isZero();
        assertThat(train.subsetSeed()).isEqualTo(5);
        AuditSpec spec = SpecReader.read(spec("dataset: ./inat, preset: inat-4"), "audit.yaml");
        assertThat(SpecReader.read(Json.mapper().writeValueAsString(spec), "request"))
                .isEqualTo(spec);
    }

    private static AuditSpec.TrainSpec train(String train) {
        AuditSpec.TrainSpec read =
                SpecReader.read(spec(train), "audit.yaml").target().train();
        assertThat(read).isNotNull();
        return read;
    }

    private static String spec(String train) {
        return "apiVersion: palimpsest/v1\nname: n\nbackbone: b\ntarget: { train: { " + train + " } }\n";
    }

    @Test
    void readsItsOwnJson() throws JsonProcessingException {
        AuditSpec spec = SpecReader.read(STUDY, "audit.yaml");

        assertThat(SpecReader.read(Json.mapper().writeValueAsString(spec), "request"))
                .isEqualTo(spec);
    }

    @Test
    void reportsEveryProblemAtOnceInTheOrderOfTheFile() {
        String text = """
                apiVersion: palimpsest/v2
                backbone: https://example.org/vit
                target:
                  head: ./head.safetensors
                  train:
                    dataset: ./photos
                    weight_decay: 0.1
                    epochs: many
                    hidden: 0
                select: { treshold: 0.8, threshold: 1 }
                invert: { top: 1001 }
                colour: red
                """;

        assertThat(SpecReader.lint(text).stream().map(Problem::toString))
                .containsExactly(
                        "line 1: apiVersion: this build reads palimpsest/v1, found 'palimpsest/v2'",
                        "line 1: name: is missing; expected a name for people",
                        "line 2: backbone: 'https://example.org/vit' is an address; only local paths are read, download it first",
                        "line 5: target.train: head and train are both given; keep head to attack a released one,"
                                + " train to study your own",
                        "line 7: target.train.weight_decay: unknown key; did you mean 'weightDecay'?",
                        "line 8: target.train.epochs: expected a whole number from 1 to 1000000, found 'many'",
                        "line 9: target.train.hidden: 0 is out of range; expected a whole number from 1 to 20000",
                        "line 10: select.threshold: 1 is out of range; expected a number between 0.0 and 1.0, both excluded",
                        "line 10: select.treshold: unknown key; did you mean 'threshold'?",
                        "line 11: invert.top: 1001 is out of range; expected a whole number from 0 to 1000",
                        "line 12: colour: unknown key; known here: apiVersion, backbone, budget, invert, knowledge, name,"
                                + " reconstruct, select, target");
        PalimpsestException thrown =
                catchThrowableOfType(PalimpsestException.class, () -> SpecReader.read(text, "audit.yaml"));
        assertThat(thrown.code()).isEqualTo(ErrorCode.BAD_SPEC);
        assertThat(thrown.getMessage())
                .startsWith("audit.yaml: 11 problems\n  line 1: ")
                .hasLineCount(12);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://169.254.169.254/x", "file:/etc/passwd", "s3://bucket/head", "jar:file:x!/y", "FTP://x"})
    void refusesAddresses(String address) {
        String text = "apiVersion: palimpsest/v1\nname: n\nbackbone: b\ntarget: { head: \"" + address + "\" }\n";

        assertThat(SpecReader.lint(text)).singleElement().satisfies(problem -> {
            assertThat(problem.path()).isEqualTo("target.head");
            assertThat(problem.text()).contains("is an address");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "target: {} | target.head: is missing",
                "target: [] | target: expected keys with values below it, found a list",
                "target: { head: h, head: h } | target.head: this key is given twice",
                "target: { train: { dataset: d, epochs: 1000001 } } | 1000001 is out of range",
                "target: { train: { dataset: d, epochs: 10000000000000000000000 } } | is out of range",
                "target: { train: { dataset: d, learningRate: .nan } } | .nan is out of range",
                "target: { train: { dataset: d, classes: hen } } | expected a list such as",
                "target: { train: { classes: [a] } } | target.train.dataset: is missing",
                "target: { train: { dataset: 'food102:./d' } } | the layouts are folder, food101, inat, texts, embeddings",
                "target: { train: { dataset: 'https://example.org/d' } } | only local paths are read",
                "target: { train: { dataset: 'food101:' } } | names no path",
                "target: { train: { dataset: d, preset: food101 } } | did you mean 'food101-10'?",
                "target: { train: { dataset: 'inat:d', preset: food101-10 } } | is about food101, but the dataset is named as inat",
                "target: { head: h }\\ninvert: { steps: 100001 } | 100001 is out of range",
                "target: { head: h }\\nreconstruct: { preset: fsat } | did you mean 'fast'?",
                "target: { train: { dataset: d } }\\nknowledge: { members: m } | belongs to a released head",
                "target: { head: h }\\nknowledge: { controls: c } | knowledge.members: is missing; controls only say",
                "target: &a { head: h, train: *a } | head and train are both given",
            })
    void namesWhatIsWrong(String target, String expected) {
        String text = "apiVersion: palimpsest/v1\nname: n\nbackbone: b\n" + target.replace("\\n", "\n") + "\n";

        assertThat(SpecReader.lint(text))
                .anySatisfy(problem -> assertThat(problem.toString()).contains(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "just words", "- a\n- b", "a: [", "\tx: 1", "a: &x [*x, *x]\n? [b]\n: c"})
    void refusesWhatIsNoSpecAtAll(String text) {
        assertThatThrownBy(() -> SpecReader.read(text, "audit.yaml"))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageStartingWith("audit.yaml: ");
    }

    @Test
    void tellsTheLineOfASyntaxError() {
        assertThat(SpecReader.lint("apiVersion: palimpsest/v1\nname: [1, 2\nbackbone: b\n"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isEqualTo(3);
                    assertThat(problem.text()).startsWith("not YAML: ");
                });
    }
}
