package dev.palimpsest.gateway.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.contracts.Selection.Representative;
import dev.palimpsest.gateway.view.Gallery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TakenMeasuresTest {
    private static final AuditId AUDIT = new AuditId("an-audit");
    private static final AuditId WITHOUT_MEMBERS = new AuditId("without-members");
    private static final Measures SOME = new Measures(new Likeness(0.5, 0.1), null, null, null, null, null);

    private final List<String> done = new ArrayList<>();
    private final TakenMeasures measures = new TakenMeasures(
            audit -> audit.equals(WITHOUT_MEMBERS) ? Optional.empty() : Optional.of(ref("samples-" + audit)),
            samples -> {
                done.add("read");
                return entry -> {
                    done.add(entry.item());
                    return entry.item().equals("unknown") ? null : SOME;
                };
            });

    @Test
    void measuresAPictureOnceAndReadsTheSamplesOnlyForOneThatIsNew() {
        assertThat(measures.of(AUDIT).apply(entry("a", "hen.jpg", null))).isSameAs(SOME);
        assertThat(measures.of(AUDIT).apply(entry("a", "hen.jpg", null))).isSameAs(SOME);
        assertThat(done).containsExactly("read", "a");

        var again = measures.of(AUDIT);
        again.apply(entry("a", "hen.jpg", null));
        again.apply(entry("b", "hen.jpg", null));
        again.apply(entry("c", "hen.jpg", null));

        assertThat(done).containsExactly("read", "a", "read", "b", "c");
    }

    @Test
    void measuresAgainWhenThePictureIsHeldAgainstSomethingElse() {
        measures.of(AUDIT).apply(entry("a", "hen.jpg", null));
        measures.of(AUDIT).apply(entry("a", "owl.jpg", null));
        measures.of(AUDIT).apply(entry("a", "owl.jpg", ready("bound")));
        measures.of(new AuditId("another")).apply(entry("a", "owl.jpg", ready("bound")));

        assertThat(done).filteredOn("a"::equals).hasSize(4);
    }

    @Test
    void forgetsAnAuditThatWasErased() {
        measures.of(AUDIT).apply(entry("a", "hen.jpg", null));
        measures.forget(new AuditId("another"));
        measures.of(AUDIT).apply(entry("a", "hen.jpg", null));
        assertThat(done).containsExactly("read", "a");

        measures.forget(AUDIT);
        measures.of(AUDIT).apply(entry("a", "hen.jpg", null));

        assertThat(done).containsExactly("read", "a", "read", "a");
    }

    @Test
    void whatCannotBeToldIsAskedAgain() {
        assertThat(measures.of(AUDIT).apply(entry("unknown", "hen.jpg", null))).isNull();
        assertThat(measures.of(AUDIT).apply(entry("unknown", "hen.jpg", null))).isNull();

        assertThat(done).containsExactly("read", "unknown", "read", "unknown");
    }

    @Test
    void keepsTheLast4096() {
        var all = measures.of(AUDIT);
        for (int i = 0; i <= 4096; i++) {
            all.apply(entry("p" + i, "hen.jpg", null));
        }
        done.clear();

        all.apply(entry("p1", "hen.jpg", null));
        all.apply(entry("p0", "hen.jpg", null));

        assertThat(done).containsExactly("p0");
    }

    @Test
    void withoutMembersThereIsNothingToMeasure() {
        assertThat(measures.of(WITHOUT_MEMBERS).apply(entry("a", "hen.jpg", null)))
                .isNull();
        assertThat(done).isEmpty();
    }

    private static Gallery.Entry entry(String item, String member, @Nullable InversionReady bound) {
        return new Gallery.Entry(
                item,
                1,
                ready(item),
                new Representative(1, 1, 0, new Neighbour(member, 0.9, null), null),
                false,
                bound);
    }

    private static InversionReady ready(String item) {
        return new InversionReady(AUDIT, item, ref("rows"), 0, ref(item), 0.9, 200);
    }

    private static ArtifactRef ref(String key) {
        return new ArtifactRef("audits/a/" + key, "0".repeat(64), 1);
    }
}
