package dev.palimpsest.cli.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.spec.SpecReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class StudyTest {
    private static final String HEAD = """
            apiVersion: palimpsest/v1
            name: s
            audit: { backbone: b, target: { train: { dataset: photos } } }
            """;

    @Test
    void everyCombinationOfGridAndVariantsIsACell() {
        Study study = parse("""
            grid:
              target.train.seed: [0, 1]
              target.train.hidden: [50, 100]
            variants:
              none: {}
              dropout: { target.train.defence.dropout: 0.5 }
            """);
        assertThat(study.cells()).hasSize(8);
        Set<String> names = new HashSet<>();
        study.cells().forEach(cell -> names.add(cell.spec().name()));
        assertThat(names).hasSize(8).allMatch(name -> name.matches("cell [0-9a-f]{12}"));
        assertThat(study.cells()).extracting(Cell::group).contains("none, hidden 50", "dropout, hidden 100");
        AuditSpec.TrainSpec last = study.cells().get(7).spec().target().train();
        assertThat(Objects.requireNonNull(Objects.requireNonNull(last).defence())
                        .dropout())
                .isEqualTo(.5);
        assertThat(last.seed()).isEqualTo(1);
    }

    /** The digest is of what a cell does: neither the study nor the way to write a setting changes it. */
    @Test
    void aCellIsNamedByWhatItDoes() {
        String grid = parse("grid: { target.train.hidden: [500, 60] }")
                .cells()
                .get(0)
                .spec()
                .name();
        String variant = parse("variants: { same: { target.train.weightDecay: 0.08 } }")
                .cells()
                .get(0)
                .spec()
                .name();
        assertThat(variant).isEqualTo(grid);
        assertThat(parse("grid: { target.train.hidden: [500, 500, 60] }").cells())
                .hasSize(2);
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingIsSent() {
        assertThatThrownBy(() -> parse("""
            grid:
              target.train.seed: [%1$s]
              target.train.hidden: [%1$s]
              target.train.epochs: [%1$s]
            """.formatted("1" + ",1".repeat(29))))
                .hasMessageContaining("27000 cells")
                .hasMessageContaining("10000");
        assertThatThrownBy(() -> parse("grid: { target.train.hiden: [1] }"))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_SPEC))
                .hasMessageContaining("cell 'hiden 1'")
                .hasMessageContaining("target.train.hiden");
        assertThatThrownBy(() -> parse("grid: { backbone.x: [1] }")).hasMessageContaining("backbone is no section");
        assertThatThrownBy(() -> parse("grid: { target.train.seed: 3 }")).hasMessageContaining("a list of values");
        assertThatThrownBy(() -> parse("gird: {}")).hasMessageContaining("unknown [gird]");
    }

    @Test
    void theExamplesAreGood() throws IOException {
        try (DirectoryStream<Path> studies = Files.newDirectoryStream(Path.of("..", "examples"), "study-*.yaml")) {
            for (Path study : studies) {
                assertThat(Study.read(study).cells()).as(study.toString()).hasSizeBetween(6, 40);
            }
        }
    }

    @Test
    void seedsAreSummedUpAndAFailureIsKept() throws Exception {
        List<Cell> cells = parse("grid: { target.train.seed: [0, 1, 2] }").cells();
        List<Outcome> outcomes = List.of(
                outcome(cells.get(0), "D", 10, .9),
                outcome(cells.get(1), "B", 0, .8),
                Outcome.refused(cells.get(2), "no, 'x'"));
        Summary summary = Summary.of(outcomes).get(0);
        assertThat(summary.done()).isEqualTo(2);
        assertThat(summary.failed()).isEqualTo(1);
        assertThat(summary.worst()).isEqualTo("D");
        Interval recovered = Objects.requireNonNull(summary.recovered());
        assertThat(recovered.mean()).isEqualTo(.05);
        // t = 12.706, s / sqrt(2) = .05: the interval ends at 0.
        assertThat(recovered.low()).isEqualTo(0);
        assertThat(recovered.high()).isCloseTo(.05 + 12.7062 * .05, within(1e-12));
        assertThat(recovered.least()).isZero();
        assertThat(recovered.most()).isEqualTo(.1);
        assertThat(Objects.requireNonNull(summary.accuracy()).mean()).isCloseTo(.85, within(1e-12));

        String csv = StudyFiles.csv(outcomes, "http://g/");
        assertThat(csv.lines()).hasSize(4);
        assertThat(csv).contains("refused,\"no, 'x'\"", "http://g/api/v1/audits/a1/report");
        String svg = Plots.frontier("a < b & c", List.of(summary), "http://g");
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                        .getElementsByTagName("circle")
                        .getLength())
                .isEqualTo(1);
        assertThat(StudyFiles.settings(List.of(summary)).lines().toList().get(1))
                .startsWith(",3,2,1,0,D,0.0500,0.0000,0.6853,")
                .endsWith(",0.1100,0.0000,0.7453,0.0200,0.0200,0.0200,0.6500,0.6500,0.6500");
        assertThat(StudyFiles.settings(List.of(summary)).lines().toList().get(0))
                .endsWith(
                        "dpEpsilon,recoveredWithMembers,recoveredWithMembersLow,recoveredWithMembersHigh,controlsWithMembers,"
                                + "controlsWithMembersLow,controlsWithMembersHigh,precisionOfFirst20,precisionOfFirst20Low,precisionOfFirst20High");
        assertThat(csv.lines().toList().get(1)).endsWith("/report\",0.1600,0.0200,0.6500");
    }

    @Test
    void namesOfPointsInOnePlaceStandSideBySide() throws Exception {
        Cell cell = parse("grid: { target.train.seed: [0] }").cells().get(0);
        Summary summary = Summary.of(List.of(outcome(cell, "D", 10, .9))).get(0);

        String svg = Plots.frontier("defences", List.of(summary, summary, summary), "http://g");

        assertThat(Pattern.compile("<text x='([0-9.]+)'[^>]*fill='hsl[^>]*>[123]<")
                        .matcher(svg)
                        .results()
                        .map(match -> match.group(1)))
                .hasSize(3)
                .doesNotHaveDuplicates();
    }

    /** Mean 4, s^2 = 38 / 3, so 4 +- 3.1824 sqrt(38 / 12). */
    @Test
    void intervalsAreStudents() {
        Interval interval = Interval.of(1, 2, 4, 9);
        assertThat(Objects.requireNonNull(interval.low())).isCloseTo(-1.6632, within(1e-3));
        assertThat(Objects.requireNonNull(interval.high())).isCloseTo(9.6632, within(1e-3));
        assertThat(Interval.of(3).low()).isNull();
    }

    @Test
    void aGridIsDrawnAgainstItsKey() throws Exception {
        Study study = parse("""
            grid:
              target.train.seed: [0, 1]
              target.train.hidden: [50, 2000]
            plot: target.train.hidden
            """);
        List<Cell> c = study.cells();
        List<Outcome> outcomes = List.of(
                outcome(c.get(0), "D", 10, .9), outcome(c.get(1), "B", 0, .8), outcome(c.get(2), "A", 0, .8, -1));
        String svg = Plots.curve(study.name(), Objects.requireNonNull(study.plot()), outcomes);
        assertThat(svg).contains(">50<", ">2000<", "stroke-dasharray", "fill='white' stroke='hsl");
        assertThatThrownBy(() -> parse("grid: { backbone: [a, b] }\nplot: backbone"))
                .hasMessageContaining("no key of the grid with numbers or lists");
        assertThat(Plots.number("[\"a\",\"b\",\"c\"]")).isEqualTo(3);
    }

    @Test
    void adviceIsTheMostAccurateOfThoseThatAreGood() throws Exception {
        Study study = Advice.study(SpecReader.read(
                "{apiVersion: palimpsest/v1, name: s, backbone: b, target: {train: {dataset: photos}}}", "x"));
        assertThat(study.cells()).hasSize(12);
        assertThat(study.cells().get(0).spec().name()).isEqualTo("s");
        List<Cell> c = study.cells();
        assertThat(c)
                .filteredOn(cell -> "optimise".equals(cell.spec().reconstruct().method()))
                .extracting(Cell::group)
                .containsExactly("a tenth of the epochs", "an eighth of the weight decay");
        List<Outcome> outcomes = List.of(
                outcome(c.get(0), "E", 50, .95),
                outcome(c.get(1), "B", 0, .9),
                outcome(c.get(2), "A", 0, .7),
                outcome(c.get(3), "D", 9, .95),
                Outcome.refused(c.get(4), "x"));
        Advice advice = Advice.of(Summary.of(outcomes));
        assertThat(Objects.requireNonNull(advice.recommended()).group()).isEqualTo("a tenth of the epochs");
        assertThat(advice.sentence())
                .contains(
                        "grade B instead of E",
                        "0 % of members above cosine 0.9 instead of 50 %, 50 % found at 1 % false positives instead of 50 %",
                        "0.900 instead of 0.950",
                        "1 of 5");
        assertThat(Advice.of(Summary.of(outcomes.subList(3, 5))).recommended()).isNull();

        Advice ofEquals = Advice.of(Summary.of(List.of(
                outcomes.get(0),
                outcome(c.get(1), "B", 0, .9),
                outcome(c.get(2), "A", 0, .9),
                outcome(c.get(3), "B", 0, .9))));
        assertThat(Objects.requireNonNull(ofEquals.recommended()).worst()).isEqualTo("A");

        Outcome nothingSearched = outcome(c.get(1), "A", 0, .9, -1);
        Advice none = Advice.of(Summary.of(List.of(outcomes.get(0), nothingSearched)));
        assertThat(none.recommended()).isNull();
        assertThat(none.sentence()).contains("In 1 the attack found nothing to search for");

        Cell linear = c.stream()
                .filter(cell -> cell.group().equals("linear head"))
                .findFirst()
                .orElseThrow();
        Advice byConstruction = Advice.of(Summary.of(List.of(outcomes.get(0), outcome(linear, "A", 0, .8, -1))));
        assertThat(byConstruction.sentence())
                .contains("Take 'linear head': grade A instead of E")
                .contains("A linear head holds no single samples by construction")
                .contains("may still be told from its loss");
    }

    @Test
    void adviceSaysWhetherAnEpsilonProvesAnything() throws Exception {
        List<Cell> c = parse("grid: { target.train.hidden: [50, 60] }").cells();
        Outcome now = outcome(c.get(0), "E", 50, .95);

        assertThat(Advice.of(Summary.of(List.of(now, withEpsilon(c.get(1), 826))))
                        .sentence())
                .contains("Its epsilon is 826, too large to prove anything");
        assertThat(Advice.of(Summary.of(List.of(now, withEpsilon(c.get(1), 8)))).sentence())
                .contains("Its epsilon is 8.00. One seed each")
                .doesNotContain("linear");
    }

    private static Outcome withEpsilon(Cell cell, double epsilon) throws Exception {
        return outcome(
                cell,
                "B",
                0,
                .6,
                "{\"provenance\": [{\"name\": \"heldOutAccuracy\", \"value\": \"0.9\"}, {\"name\": \"dpEpsilon\", \"value\": \""
                        + epsilon + "\"}]}");
    }

    /** Audits of earlier releases say nothing of it. */
    @Test
    void whatLookingAtMembersWouldKeepMayBeUnknown() throws Exception {
        Cell cell = parse("grid: { target.train.seed: [0] }").cells().get(0);
        JsonNode earlier = Json.mapper()
                .readTree(
                        "{\"id\": \"a1\", \"state\": \"done\", \"verdict\": {\"grade\": \"E\", \"members\": 9, \"matched\": {\"0.9\": 3}}}");
        Outcome outcome = Outcome.of(cell, earlier, MissingNode.getInstance());

        assertThat(outcome.recovered()).isEqualTo(3 / 9.);
        assertThat(outcome.withMembers()).isNull();
        assertThat(outcome.precision()).isNull();
        assertThat(Summary.of(List.of(outcome)).get(0).withMembers()).isNull();
        assertThat(StudyFiles.csv(List.of(outcome), "http://g/")
                        .lines()
                        .toList()
                        .get(1))
                .endsWith("/report\",,,");
    }

    private static Outcome outcome(Cell cell, String grade, int matched, double accuracy) throws Exception {
        return outcome(cell, grade, matched, accuracy, .6);
    }

    private static Outcome outcome(Cell cell, String grade, int matched, double accuracy, double bestControl)
            throws Exception {
        return outcome(
                cell,
                grade,
                matched,
                bestControl,
                "{\"provenance\": [{\"name\": \"heldOutAccuracy\", \"value\": \"" + accuracy + "\"}]}");
    }

    private static Outcome outcome(Cell cell, String grade, int matched, double bestControl, String report)
            throws Exception {
        String view = """
            {"id": "a1", "state": "done", "failures": [],
             "verdict": {"grade": "%s", "members": 100, "controls": 50, "matched": {"0.9": %d}, "recoverable": {"0.9": 80}, "tprAtFpr1": 0.5,
                         "nullMaximum": %s, "precision": {"10": 0.8, "20": 0.65},
                         "withMembers": {"candidates": 900, "matched": {"0.75": 70, "0.9": %d}, "matchedControls": {"0.75": 9, "0.9": 1}}}}
            """.formatted(grade, matched, bestControl, matched + 6);
        return Outcome.of(cell, Json.mapper().readTree(view), Json.mapper().readTree(report));
    }

    private static Study parse(String rest) {
        return Study.parse(HEAD + rest, "study.yaml", Path.of("."));
    }
}
