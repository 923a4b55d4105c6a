package dev.palimpsest.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.Selection.Inversion;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UpperBoundsTest {
    private static final ArtifactRef REF = new ArtifactRef("audits/a/x", "0".repeat(64), 1);
    private static final List<AuditRequest.Image> NO_IMAGES = List.of();
    private final Owned owned = new Owned(new float[] {2, 0, 0, 5, -1, 0}, new float[] {-1, 0}, NO_IMAGES, NO_IMAGES);

    @Test
    void areTheNearestMembersEachOnceInTheOrderOfThePictures() {
        List<float[]> chosen = List.of(new float[] {1, 9}, new float[] {0, 1}, new float[] {-3, 1}, new float[] {5, 1});

        Map<Integer, String> members = UpperBounds.members(owned, inversions(4), chosen, 2);

        assertThat(members).containsExactly(Map.entry(1, "picture-01"), Map.entry(2, "picture-03"));
        assertThat(owned.members(members.keySet(), 2).toFloats()).containsExactly(0, 5, -1, 0);
    }

    @Test
    void areNoneWhereNoneAreWanted() {
        assertThat(UpperBounds.members(owned, inversions(1), List.of(new float[] {1, 0}), 0))
                .isEmpty();
    }

    private static List<Inversion> inversions(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Inversion("picture-0" + i, REF, i))
                .toList();
    }
}
