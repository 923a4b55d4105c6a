package dev.palimpsest.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.select.cluster.Candidates;
import dev.palimpsest.select.cluster.Representative;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnedTest {
    private static final ArtifactRef PICTURE = new ArtifactRef("knowledge/picture", "0".repeat(64), 1);
    private static final Head IDENTITY =
            Head.of(2, new double[] {1, 0, 0, 1}, new double[] {0, 0}, new double[] {1, 1}, null);

    @Test
    void namesTheNearestMemberAndControlOfEachRepresentative() {
        Owned owned = new Owned(
                new float[] {2, 0, 0, 5},
                new float[] {-1, 0},
                List.of(image("hen.jpg"), image("owl.jpg")),
                List.of(image("fox.jpg")));

        Owned.Comparison comparison = owned.compare(
                List.of(representative(3, 4), representative(1, 0)), candidates(3, 4, 1, 0, 2, .1f), IDENTITY);

        assertThat(comparison.ranking()).extracting(row -> row.nearest().file()).containsExactly("owl.jpg", "hen.jpg");
        assertThat(comparison.ranking().get(0).nearest().cosine()).isCloseTo(0.8, within(1e-12));
        assertThat(comparison.ranking().get(0).nearest().image()).isEqualTo(PICTURE);
        assertThat(comparison.ranking().get(0).nearestControl().file()).isEqualTo("fox.jpg");
        assertThat(comparison.ranking().get(0).nearestControl().cosine()).isCloseTo(-0.6, within(1e-12));
        assertThat(comparison.verdict().bounds()).containsExactly(1.0, 1.0);
        assertThat(comparison.verdict().membership().memberScores()).hasSize(2);
        assertThat(comparison.verdict().matchedRange()).containsKeys("0.75", "0.9", "0.95");
        assertThat(comparison.verdict().precision()).isEmpty();
        assertThat(comparison.verdict().withMembers())
                .isEqualTo(new Selection.WithMembers(
                        3, Map.of("0.75", 2, "0.9", 1, "0.95", 1), Map.of("0.75", 0, "0.9", 0, "0.95", 0), -.6));
        assertThat(comparison.notes().get(1))
                .isEqualTo(
                        "Had the choice looked at members, the best of all 3 candidates for each, 1 of 2 would be above cosine 0.9,"
                                + " and 0 controls; the representatives, chosen without looking, have 1.");
        assertThat(comparison.notes().get(2)).startsWith("With members and controls in hand");
    }

    /** Nothing is brought back from a linear head, and no membership test is made of one; the owner still gets a verdict. */
    @Test
    void aLinearHeadEndsInAVerdict() {
        Head linear = Head.of(HeadActivation.RELU, List.of(new Head.Layer(1, 2, new double[] {1, 1}, null)));
        Owned owned = new Owned(
                new float[] {2, 0, 0, 5},
                new float[] {-1, 0},
                List.of(image("hen.jpg"), image("owl.jpg")),
                List.of(image("fox.jpg")));

        Owned.Comparison comparison = owned.compare(List.of(), candidates(), linear);

        assertThat(comparison.ranking()).isEmpty();
        assertThat(comparison.verdict().grade()).isEqualTo("A");
        assertThat(comparison.verdict().membership()).isNull();
        assertThat(comparison.verdict().withMembers())
                .isEqualTo(new Selection.WithMembers(
                        0, Map.of("0.75", 0, "0.9", 0, "0.95", 0), Map.of("0.75", 0, "0.9", 0, "0.95", 0), -1));
        assertThat(comparison.notes()).hasSize(1);
        assertThat(comparison.verdict().bounds()).allMatch(bound -> bound < .8);
    }

    @Test
    void withoutControlsAndImagesThereIsNoVerdictAndMembersHaveNumbers() {
        Owned owned = new Owned(new float[] {2, 0, 0, 5}, new float[0], List.of(), List.of());

        Owned.Comparison comparison = owned.compare(List.of(representative(0, 1)), candidates(0, 1), IDENTITY);

        assertThat(comparison.verdict()).isNull();
        assertThat(comparison.ranking())
                .containsExactly(new Selection.Representative(1, 0.5, 1, new Selection.Neighbour("#1", 1, null), null));
        assertThat(comparison.notes())
                .containsExactly(
                        "recovered 1 of 2 members above cosine 0.75, of 2 recoverable; no controls to compare with");
    }

    /** {@code [x.length / 2, 2]} */
    private static Candidates candidates(float... x) {
        int n = x.length / 2;
        return new Candidates(n, 2, x, new int[n], new double[n], new int[n], new double[n]);
    }

    private static AuditRequest.Image image(String file) {
        return new AuditRequest.Image(file, "bird", "member", PICTURE);
    }

    private static Representative representative(float... x) {
        return new Representative(x, 0.5, true, 1, 1, 1, 1, 0.1);
    }
}
