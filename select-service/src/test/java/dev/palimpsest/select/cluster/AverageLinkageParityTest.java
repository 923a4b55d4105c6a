package dev.palimpsest.select.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The partitions of scikit-learn 1.9.1 in float64, label by label. */
class AverageLinkageParityTest {

    @ParameterizedTest
    @ValueSource(strings = {"small", "chains", "medium"})
    void equalsScikitLearn(String set) {
        assertParity(ClusteringFixture.read(Path.of("src/test/resources/clustering", set)));
    }

    @Test
    void equalsScikitLearnOnTheLargeSet() {
        Path large = Path.of(System.getProperty("palimpsest.repo", ".."), "../shared/fixtures/clustering/large");
        assumeTrue(Files.isDirectory(large), "the large fixture is not here");
        assertParity(ClusteringFixture.read(large));
    }

    private static void assertParity(ClusteringFixture fixture) {
        assertThat(fixture.labels().keySet()).containsExactly("0.05", "0.1", "0.2", "0.35", "0.5", "0.8");
        fixture.labels().forEach((distance, expected) -> {
            double minCosine = 1 - Double.parseDouble(distance);
            assertThat(AverageLinkage.cluster(fixture.points(), fixture.n(), fixture.d(), minCosine, 2))
                    .as("distance threshold %s", distance)
                    .isEqualTo(expected);
        });
    }
}
