package dev.palimpsest.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final PalimpsestException SILENT =
            new PalimpsestException(ErrorCode.BROKER_UNAVAILABLE, "No gateway answers at g");

    private final List<Long> waits = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    @Test
    void goesOnWhenTheGatewayIsBack() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        String answer = patience(Optional::empty).call(() -> {
            if (calls.incrementAndGet() < 9) {
                throw SILENT;
            }
            return "back";
        });
        assertThat(answer).isEqualTo("back");
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
        assertThat(said).hasSize(8).first().isEqualTo("No gateway answers at g; trying again in 1 s");
    }

    @Test
    void givesUpAtTheLimit() {
        assertThatThrownBy(() -> patience(Optional::empty).call(() -> {
                    throw SILENT;
                }))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("No gateway answers at g; gave up after 121 s");
        assertThat(waits.stream().mapToLong(Long::longValue).sum()).isEqualTo(121);
    }

    @Test
    void doesNotWaitForWhatWillNotPass() {
        PalimpsestException bad = new PalimpsestException(ErrorCode.BAD_SPEC, "no");
        assertThatThrownBy(() -> patience(Optional::empty).call(() -> {
                    throw bad;
                }))
                .isSameAs(bad);
        PalimpsestException stopped = new PalimpsestException(ErrorCode.BROKER_UNAVAILABLE, "The stack was stopped");
        assertThatThrownBy(() -> patience(() -> Optional.of(stopped)).call(() -> {
                    throw SILENT;
                }))
                .isSameAs(stopped);
        assertThat(waits).isEmpty();
    }

    private Patience patience(Supplier<Optional<PalimpsestException>> over) {
        return new Patience(Duration.ofSeconds(130), over, said::add, time -> waits.add(time.toSeconds()));
    }
}
