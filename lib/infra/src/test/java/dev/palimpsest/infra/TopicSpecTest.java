package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicSpecTest {
    @Test
    void aListNamesPartitionsAndCompaction() {
        assertThat(TopicSpec.parseList("a.b:6, c_d:1:compact"))
                .containsExactly(new TopicSpec("a.b", 6, false), new TopicSpec("c_d", 1, true));
        assertThat(TopicSpec.parseList(" ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a:0", "a:x", "a:1:delete", "a:1,", "a b:1", ":1"})
    void anythingElseIsRefused(String list) {
        assertThatThrownBy(() -> TopicSpec.parseList(list)).hasMessageContaining("expected is name:partitions");
    }
}
