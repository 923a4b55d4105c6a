package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private static final Retries.BeforeWait SILENT = (failure, wait) -> {};

    private final List<Duration> waited = new ArrayList<>();
    private final Retries retries = new Retries(5, Duration.ofSeconds(8), waited::add);

    @Test
    void waitsTwiceAsLongEachTimeUpToTheLongestAndGivesUp() {
        AtomicInteger calls = new AtomicInteger();
        assertThatThrownBy(() -> retries.call(SILENT, () -> {
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
    void byDefaultAStoreMayBeAwayForSevenMinutes() throws Exception {
        int attempts = Integer.parseInt(defaultOf("attempts"));
        Retries byDefault =
                new Retries(attempts, Duration.ofMillis(Long.parseLong(defaultOf("firstDelayMillis"))), waited::add);
        assertThatThrownBy(() -> byDefault.call(SILENT, () -> {
                    throw new PalimpsestException(ErrorCode.STORE_UNAVAILABLE, "away");
                }))
                .isInstanceOf(PalimpsestException.class);
        assertThat(waited.stream().reduce(Duration.ZERO, Duration::plus))
                .isEqualTo(Duration.ofMinutes(7).plusMillis(1500));
    }

    private static String defaultOf(String key) throws NoSuchMethodException {
        return StageConfig.Retry.class
                .getMethod(key)
                .getAnnotation(WithDefault.class)
                .value();
    }

    @Test
    void returnsTheFirstSuccess() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        int result = retries.call(SILENT, () -> {
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
        assertThatThrownBy(() -> retries.call(SILENT, () -> {
                    throw new PalimpsestException(ErrorCode.BAD_FILE, "damaged");
                }))
                .hasMessage("damaged");
        assertThatThrownBy(() -> retries.call(SILENT, () -> {
                    throw new IllegalStateException("defect");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(waited).isEmpty();
    }
}
