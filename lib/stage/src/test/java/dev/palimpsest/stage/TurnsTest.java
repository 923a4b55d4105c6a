package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnsTest {
    private static final int A_UNIT = 60;

    private final Turns<Integer> turns = new Turns<>();
    private final Map<String, Integer> left = new HashMap<>();
    private int now;

    /** Small and large audits of equal units on one worker, the small one the last to come: alone it takes {@code small} units. */
    @ParameterizedTest
    @CsvSource({"1, 100", "2, 8", "4, 1000", "50, 1000"})
    void aSmallAuditBesideALargeOneTakesAtMostTwiceAsLong(int small, int large) throws Exception {
        submit("large", large);
        submit("small", small);
        assertThat(end("small")).isLessThanOrEqualTo(2 * small * A_UNIT);
        assertThat(end("large")).isEqualTo((small + large) * A_UNIT);
    }

    @Test
    void whoComesLaterWaitsForTheUnitInHandAndIsNotPaidForHavingBeenIdle() throws Exception {
        submit("large", 1000);
        IntStream.range(0, 100).forEach(unit -> one(A_UNIT));
        submit("small", 3);
        int begin = now;
        assertThat(end("small") - begin).isLessThanOrEqualTo((2 * 3) * A_UNIT);

        IntStream.range(0, 100).forEach(unit -> one(A_UNIT));
        submit("small", 50);
        begin = now;
        int before = left("large");
        assertThat(end("small") - begin).isBetween(99 * A_UNIT, 100 * A_UNIT);
        assertThat(before - left("large")).isBetween(49, 50);
    }

    @Test
    void sharesAreOfTimeAndNotOfUnits() {
        submit("long", 1000);
        submit("short", 1000);
        for (int unit = 0; unit < 110; unit++) {
            Turns.Turn<Integer> turn = take();
            turns.took(turn.audit(), Duration.ofSeconds(turn.audit().equals("long") ? 10 : 1), 1);
            left.merge(turn.audit(), -1, Integer::sum);
        }
        assertThat(left("long")).isEqualTo(990);
        assertThat(left("short")).isEqualTo(900);
    }

    @Test
    void whoHasThreeSharesGetsThreeTimesTheTime() {
        submit("three", 1000);
        submit("one", 1000);
        for (int unit = 0; unit < 400; unit++) {
            Turns.Turn<Integer> turn = take();
            turns.took(turn.audit(), Duration.ofSeconds(A_UNIT), turn.audit().equals("three") ? 3 : 1);
            left.merge(turn.audit(), -1, Integer::sum);
        }
        assertThat(left("three")).isEqualTo(700);
        assertThat(left("one")).isEqualTo(900);
    }

    @Test
    void aChainTakesTurnsAlthoughItsNextUnitComesOnlyWhenTheLastIsDone() {
        submit("many", 100);
        submit("chain", 1);
        int units = 0;
        for (int i = 0; i < 40; i++) {
            Turns.Turn<Integer> turn = take();
            turns.took(turn.audit(), Duration.ofSeconds(A_UNIT), 1);
            if (turn.audit().equals("chain")) {
                units++;
                turns.add("chain", 0);
            }
        }
        assertThat(units).isEqualTo(20);
    }

    @Test
    void ofOneAuditFirstComeIsFirstServedAndWhatIsRemovedIsNot() {
        IntStream.range(0, 10).forEach(item -> turns.add("one", item));
        assertThat(turns.remove(item -> item % 2 == 0)).containsExactly(0, 2, 4, 6, 8);
        assertThat(List.of(take().item(), take().item(), take().item())).containsExactly(1, 3, 5);
    }

    @Test
    void nothingIsTakenOnceItIsClosed() throws Exception {
        turns.add("one", 1);
        turns.close();
        assertThat(turns.take()).isNull();
    }

    private void submit(String audit, int units) {
        IntStream.range(0, units).forEach(unit -> turns.add(audit, unit));
        left.merge(audit, units, Integer::sum);
    }

    /** Works until the audit is done and says when that was. */
    private int end(String audit) throws InterruptedException {
        while (left(audit) > 0) {
            one(A_UNIT);
        }
        return now;
    }

    private void one(int seconds) {
        Turns.Turn<Integer> turn = take();
        now += seconds;
        turns.took(turn.audit(), Duration.ofSeconds(seconds), 1);
        left.merge(turn.audit(), -1, Integer::sum);
    }

    private Turns.Turn<Integer> take() {
        try {
            return Objects.requireNonNull(turns.take());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int left(String audit) {
        return Objects.requireNonNull(left.get(audit));
    }
}
