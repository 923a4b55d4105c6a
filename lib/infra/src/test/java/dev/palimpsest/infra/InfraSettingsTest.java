package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.Topics.Topic;
import dev.palimpsest.contracts.access.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfraSettingsTest {
    private static final String GOOD = """
            kafka.port=9092
            controller.port=9093
            s3.port=9000
            s3.access=someone
            s3.secret=not-for-logs
            s3.secret.reconstruct=not-for-logs-either
            data.dir=/var/lib/palimpsest
            topics=a:1,b:2:compact
            """;

    @TempDir
    Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("infra.properties"), content);
    }

    @Test
    void everyKeyIsReadAndTheSecretIsNotPrinted() throws IOException {
        InfraSettings settings = InfraSettings.read(file(GOOD));

        assertThat(settings)
                .isEqualTo(new InfraSettings(
                        9092,
                        9093,
                        9000,
                        "someone",
                        "not-for-logs",
                        Map.of(Service.RECONSTRUCT, "not-for-logs-either"),
                        Path.of("/var/lib/palimpsest"),
                        List.of(new Topic("a", 1, false), new Topic("b", 2, true))));
        assertThat(settings.toString()).doesNotContain("not-for-logs");
    }

    @Test
    void withoutTheKeyTheTopicsAreThoseOfTheContracts() throws IOException {
        assertThat(InfraSettings.read(file(GOOD.replace("topics=", "other="))).topics())
                .isEqualTo(Topics.ALL);
        assertThat(InfraSettings.read(file(GOOD.replaceAll("topics=.*", "topics=")))
                        .topics())
                .isEmpty();
    }

    @Test
    void aMissingKeyAndABadPortAreNamed() throws IOException {
        Path missing = file(GOOD.replace("s3.secret", "s3.sekret"));
        assertThatThrownBy(() -> InfraSettings.read(missing)).hasMessageContaining("no s3.secret");
        Path bad = file(GOOD.replace("9092", "99999"));
        assertThatThrownBy(() -> InfraSettings.read(bad)).hasMessageContaining("kafka.port");
    }
}
