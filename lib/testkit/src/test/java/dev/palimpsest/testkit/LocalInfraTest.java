package dev.palimpsest.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Topics.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class LocalInfraTest {
    @Test
    void bothAreReadyAndNothingIsLeftBehind() throws Exception {
        Path object;
        try (LocalInfra infra = LocalInfra.start(List.of(new Topic("commands", 2, false)));
                ArtifactStore store = infra.connect();
                Admin admin = Admin.create(Map.of("bootstrap.servers", infra.bootstrapServers()))) {
            assertThat(admin.listTopics().names().get()).containsExactly("commands");
            ArtifactRef ref = store.put("audits/a/x", "x".getBytes(StandardCharsets.UTF_8), "text/plain");
            object = infra.objectFile(ref.key());
            assertThat(object).hasContent("x");
        }
        assertThat(object.getParent().getParent().getParent().getParent().getParent())
                .doesNotExist();
    }
}
