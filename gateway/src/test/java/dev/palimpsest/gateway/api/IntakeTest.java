package dev.palimpsest.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class IntakeTest {
    @Test
    void soManySubmissionsAreReadAtOnce() {
        Intake intake = new Intake(2, 100, () -> 0);
        Intake.Visit first = intake.enter();
        Intake.Visit second = intake.enter();

        busy(intake::enter, "2 submissions are being read");
        first.close();
        Intake.Visit third = intake.enter();
        busy(intake::enter, "2 submissions are being read");
        second.close();
        third.close();
    }

    @Test
    void soManyAuditsAreOpenAndNotOneMore() {
        AtomicInteger open = new AtomicInteger(2);
        Intake intake = new Intake(8, 3, open::get);
        try (Intake.Visit last = intake.enter();
                Intake.Visit refused = intake.enter()) {
            last.admitNew();
            // It is not open yet, but it will be.
            busy(refused::admitNew, "2 audits have not ended");
            open.incrementAndGet();
        }
        try (Intake.Visit later = intake.enter()) {
            busy(later::admitNew, "3 audits have not ended");
            open.decrementAndGet();
            later.admitNew();
        }
    }

    @Test
    void aThousandAtOnceNeverPassTheBound() throws Exception {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Intake intake = new Intake(8, 40, open::get);
        Callable<Void> submission = () -> {
            try (Intake.Visit visit = intake.enter()) {
                visit.admitNew();
                open.incrementAndGet();
            } catch (PalimpsestException e) {
                refused.incrementAndGet();
            }
            return null;
        };
        ExecutorService clients = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                all.add(submission);
            }
            for (Future<Void> done : clients.invokeAll(all)) {
                done.get();
            }
        } finally {
            clients.shutdownNow();
        }

        assertThat(open.get() + refused.get()).isEqualTo(1000);
        assertThat(open).hasValue(40);
    }

    private static void busy(ThrowingCallable call, String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                .hasMessageContaining(text);
    }
}
