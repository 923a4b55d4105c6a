package dev.palimpsest.contracts.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.Topics.Topic;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServiceTest {
    private static final AuditId AUDIT = new AuditId("a-study");
    private static final String DIGEST = "0".repeat(64);

    @Test
    void theAttackSeesNothingThatOnlyTheOwnerKnows() {
        StoreAccess attack = Service.RECONSTRUCT.store();
        assertThat(attack.mayRead(Keys.target(AUDIT, "head.safetensors"))).isTrue();
        assertThat(attack.mayWrite(Keys.result(AUDIT, Stage.RECONSTRUCT, "candidates.safetensors")))
                .isTrue();
        for (String secret : List.of(
                Keys.knowledge(AUDIT, "embeddings.safetensors"),
                Keys.upload(Keys.Area.KNOWLEDGE, DIGEST),
                Keys.request(AUDIT),
                Keys.result(AUDIT, Stage.SELECT, "selection-last.json"),
                Keys.receipt(AUDIT, Stage.SELECT, "candidates-ready_last"))) {
            assertThat(attack.mayRead(secret)).as("reading " + secret).isFalse();
            assertThat(attack.mayWrite(secret)).as("writing " + secret).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void aStageWritesItsOwnResultsAndNoOthers(Stage stage) {
        StoreAccess store = Service.valueOf(stage.name()).store();
        for (Stage other : Stage.values()) {
            assertThat(store.mayWrite(Keys.result(AUDIT, other, "x"))).isEqualTo(other == stage);
            assertThat(store.mayWrite(Keys.receipt(AUDIT, other, "x"))).isEqualTo(other == stage);
        }
        assertThat(store.deletes()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void whoMayWriteMayReadWhatIsThere(Service service) {
        StoreAccess store = service.store();
        assertThat(store.writes().stream().map(pattern -> pattern.replace("*", "x")))
                .allMatch(store::mayRead);
    }

    @Test
    void aPatternIsNotARegularExpression() {
        StoreAccess store = new StoreAccess(List.of("a.b/*/c"), List.of(), List.of());
        assertThat(store.mayRead("a.b/1/2/c")).isTrue();
        assertThat(store.mayRead("axb/1/c")).isFalse();
        assertThat(store.mayRead("a.b/1/cc")).isFalse();
        assertThat(store.mayRead("z/a.b/1/c")).isFalse();
    }

    @Test
    void everyTopicHasAReaderAndAWriter() {
        assertThat(Topics.ALL).extracting(Topic::name).allSatisfy(topic -> {
            assertThat(readers(topic)).isNotEmpty();
            assertThat(writers(topic)).isNotEmpty();
        });
        assertThat(new ArtifactRef(Keys.request(AUDIT), DIGEST, 1).key()).matches(Service.EMBED.store()::mayRead);
    }

    private static List<Service> readers(String topic) {
        return Stream.of(Service.values())
                .filter(service -> service.topics().reads().contains(topic))
                .toList();
    }

    private static List<Service> writers(String topic) {
        return Stream.of(Service.values())
                .filter(service -> service.topics().writes().contains(topic))
                .toList();
    }
}
