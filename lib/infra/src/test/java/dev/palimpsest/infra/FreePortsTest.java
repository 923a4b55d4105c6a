package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreePortsTest {
    @Test
    void portsAreDistinctAndInRange() {
        assertThat(FreePorts.take(20)).hasSize(20).doesNotHaveDuplicates().allMatch(p -> p > 1023 && p < 65_536);
    }
}
