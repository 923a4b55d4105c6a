package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.Topics.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicListTest {
    @Test
    void aListNamesPartitionsAndCompaction() {
        assertThat(TopicList.parse("a.b:6, c_d:1:compact"))
                .containsExactly(new Topic("a.b", 6, false), new Topic("c_d", 1, true));
        assertThat(TopicList.parse(" ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a:0", "a:x", "a:1:delete", "a:1,", "a b:1", ":1"})
    void anythingElseIsRefused(String list) {
        assertThatThrownBy(() -> TopicList.parse(list)).hasMessageContaining("expected is name:partitions");
    }
}
