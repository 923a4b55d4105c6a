package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private final List<Duration> waited = new ArrayList<>();
    private final Retries retries = new Retries(5, Duration.ofSeconds(8), waited::add);

    @Test
    void waitsTwiceAsLongEachTimeUpToTheLongestAndGivesUp() {
        AtomicInteger calls = new AtomicInteger();
        assertThatThrownBy(() -> retries.call(() -> {
                    calls.incrementAndGet();
                    throw new PalimpsestException(ErrorCode.STORE_UNAVAILABLE, "away");
                }))
                .isInstanceOf(PalimpsestException.class);
        assertThat(calls).hasValue(5);
        assertThat(waited)
                .containsExactly(
                        Duration.ofSeconds(8), Duration.ofSeconds(16), Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    @Test
    void returnsTheFirstSuccess() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        int result = retries.call(() -> {
            if (calls.incrementAndGet() < 3) {
                throw new PalimpsestException(ErrorCode.BROKER_UNAVAILABLE, "away");
            }
            return 42;
        });
        assertThat(result).isEqualTo(42);
        assertThat(waited).hasSize(2);
    }

    @Test
    void doesNotRepeatWhatCannotPass() {
        assertThatThrownBy(() -> retries.call(() -> {
                    throw new PalimpsestException(ErrorCode.BAD_FILE, "damaged");
                }))
                .hasMessage("damaged");
        assertThatThrownBy(() -> retries.call(() -> {
                    throw new IllegalStateException("defect");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(waited).isEmpty();
    }
}
