package dev.palimpsest.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class FixturesTest {
    @Test
    void theRepositoryIsFoundWithAndWithoutTheProperty() {
        Path byProperty = Fixtures.repository();
        String property = System.clearProperty("palimpsest.repo");
        try {
            assertThat(Fixtures.repository()).isEqualTo(byProperty);
        } finally {
            if (property != null) {
                System.setProperty("palimpsest.repo", property);
            }
        }
        assertThat(byProperty.resolve("lib/testkit/pom.xml")).exists();
        assertThat(Fixtures.example("backbones/efficientnet-lite0/model.safetensors"))
                .exists();
    }

    @Test
    void anAbsentFixtureSkipsTheTestAndSaysSo() {
        assertThatThrownBy(() -> Fixtures.fixture("no/such/file"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("skipped: the shared file")
                .hasMessageContaining("no/such/file");
    }
}
