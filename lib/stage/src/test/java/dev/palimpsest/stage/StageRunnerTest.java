package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.spans.Spans;
import dev.palimpsest.testkit.LocalInfra;
import dev.palimpsest.testkit.SpanReceiver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runner on the real embedded store, with an announcer that remembers. */
class StageRunnerTest {
    private static LocalInfra infra;
    private static ArtifactStore store;

    private final Remembering announcer = new Remembering();
    private final Control control = new Control();
    private final StageRunner runner = runner(announcer);

    @BeforeAll
    static void start() {
        infra = LocalInfra.start(List.of());
        store = infra.connect();
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        infra.close();
    }

    @Test
    void aRecordDeliveredFiveTimesIsOneEffect() {
        Counting handler = new Counting();
        for (int i = 0; i < 5; i++) {
            runner.handle(record(requested("five-times")), handler);
        }
        assertThat(handler.runs).hasValue(1);
        assertThat(announcer.events).hasSize(5).allMatch(event -> event.equals(announcer.events.get(0)));
        assertThat(announcer.events.get(0).id()).isEqualTo("five-times/target.ready/target");
    }

    @Test
    @Timeout(60)
    void aUnitIsOneSpanHoweverOftenItIsDeliveredAndAFailureSaysItsCodeOnly() throws Exception {
        try (SpanReceiver receiver = SpanReceiver.start(0)) {
            try (Spans spans = Spans.to(receiver.address(), "embed-service")) {
                StageRunner telling = runner(announcer, length -> {}, spans);
                telling.handle(record(requested("one-span")), new Counting());
                telling.handle(record(requested("one-span")), new Counting());
                telling.handle(record(requested("failed-span")), new Counting() {
                    @Override
                    public List<Message> run(Message message, UnitContext context) {
                        throw new PalimpsestException(ErrorCode.BAD_FILE, "/home/somebody/private.png is none");
                    }
                });
                receiver.await(2);
            }
            assertThat(receiver.spans())
                    .extracting(span -> span.attributes().get("palimpsest.audit") + " " + span.error())
                    .containsExactly("one-span ", "failed-span BAD_FILE");
            assertThat(receiver.text()).contains("audit.requested").doesNotContain("private.png");
        }
    }

    @Test
    void twoWorkersOnOneUnitAnnounceTheSame() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        UnitHandler handler = new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) throws Exception {
                together.await();
                return super.run(message, context);
            }
        };
        Remembering other = new Remembering();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Future<?>> both = List.of(
                threads.submit(() -> runner.handle(record(requested("two-workers")), handler)),
                threads.submit(() -> runner(other).handle(record(requested("two-workers")), handler)));
        for (Future<?> one : both) {
            one.get();
        }
        threads.shutdown();
        assertThat(announcer.events).hasSize(1).isEqualTo(other.events);
    }

    @Test
    void poisonGoesToTheDeadLettersAndTheNextRecordFlowsOn() {
        Counting handler = new Counting();
        byte[] futureVersion = new String(
                        CloudEvent.of(requested("poison"), "test", Instant.EPOCH)
                                .toJson(),
                        StandardCharsets.UTF_8)
                .replace("\"schemaversion\":1", "\"schemaversion\":99")
                .getBytes(StandardCharsets.UTF_8);
        byte[] notJson = "{".getBytes(StandardCharsets.UTF_8);
        runner.handle(record(notJson), handler);
        runner.handle(record(futureVersion), handler);
        runner.handle(record((byte[]) null), handler);
        runner.handle(record(requested("after-poison")), handler);

        assertThat(announcer.records)
                .extracting(ProducerRecord::topic)
                .containsOnly(Topics.deadLetters(Stage.EMBED))
                .hasSize(3);
        assertThat(announcer.records.get(0).value()).isEqualTo(notJson);
        assertThat(header(announcer.records.get(1), "dead-letter-code")).isEqualTo("BAD_MESSAGE");
        assertThat(header(announcer.records.get(1), "dead-letter-topic")).isEqualTo(Topics.AUDIT_REQUESTED);
        assertThat(header(announcer.records.get(1), "dead-letter-offset")).isEqualTo("17");
        assertThat(handler.runs).hasValue(1);
    }

    @Test
    void aFailureIsToldToTheAuditWithItsReason() {
        runner.handle(record(requested("fails")), new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) {
                throw new PalimpsestException(ErrorCode.BAD_DATA, "class 'cats' has one image");
            }
        });
        assertThat(header(announcer.records.get(0), "dead-letter-code")).isEqualTo("BAD_DATA");
        assertThat(announcer.events)
                .singleElement()
                .extracting(
                        event -> ((AuditProgress) event.data()).state(), event -> ((AuditProgress) event.data()).text())
                .containsExactly("failed", "class 'cats' has one image");
    }

    @Test
    void aUnitThatIsInterruptedIsNoDeadLetterWhateverItFailedWith() {
        UnitHandler interrupted = new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) {
                Thread.currentThread().interrupt();
                throw new PalimpsestException(
                        ErrorCode.BAD_FILE, "cannot be written", new ClosedByInterruptException());
            }
        };
        assertThatThrownBy(() -> runner.handle(record(requested("interrupted")), interrupted))
                .hasMessageContaining("Interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events).isEmpty();
    }

    @Test
    void aFailureThatPassesIsTriedAgain() {
        AwayAtFirst handler = new AwayAtFirst(2);
        runner.handle(record(requested("passes")), handler);
        assertThat(handler.calls).hasValue(3);
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events).hasSize(1);
    }

    @Test
    void aFullStoreIsWaitedForAndNothingIsDoneTwice() {
        infra.free(1 << 20);
        List<Duration> waits = new ArrayList<>();
        StageRunner waiting = runner(announcer, wait -> {
            waits.add(wait);
            if (waits.size() == 3) {
                infra.free(1L << 40);
            }
        });
        Storing handler = new Storing();
        waiting.handle(record(requested("full-store")), handler);

        assertThat(handler.runs).hasValue(1);
        assertThat(waits).hasSize(3).containsOnly(Patience.EVERY);
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events)
                .extracting(event -> event.data() instanceof AuditProgress news
                        ? news.state()
                        : event.data().topic())
                .containsExactly("waiting", "waiting", "waiting", "resumed", Topics.TARGET_READY);
        assertThat(((AuditProgress) announcer.events.get(0).data()).text())
                .startsWith(
                        "waits for space and then goes on by itself: No space is left for writing audits/full-store/x")
                .contains("1 MiB are free in ");
        assertThat(store.get(handler.ref())).isEqualTo(Storing.CONTENT);
    }

    @Test
    void aDiskThatIsFullElsewhereIsWaitedForToo() {
        AtomicInteger calls = new AtomicInteger();
        runner.handle(record(requested("full-disk")), new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) throws Exception {
                if (calls.incrementAndGet() < 9) {
                    throw new IllegalStateException(
                            "cannot unpack", new IOException("/tmp/libtorch.so: No space left on device"));
                }
                return super.run(message, context);
            }
        });
        assertThat(calls).hasValue(9);
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events)
                .filteredOn(event -> event.data() instanceof AuditProgress)
                .hasSize(9)
                .first()
                .extracting(event -> ((AuditProgress) event.data()).text())
                .asString()
                .endsWith("No space is left: cannot unpack: /tmp/libtorch.so: No space left on device");
    }

    @Test
    void whoWaitsForSpaceCanBeCancelled() {
        infra.free(0);
        AuditId audit = new AuditId("cancelled-full");
        StageRunner waiting = runner(announcer, wait -> cancel(audit));
        try {
            waiting.handle(record(requested("cancelled-full")), new Storing());
        } finally {
            infra.free(1L << 40);
        }
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events)
                .extracting(event -> ((AuditProgress) event.data()).state())
                .containsExactly("waiting");
    }

    @Test
    void whoWaitsForAStoreThatIsAwaySaysSoAndGoesOn() {
        StageRunner patient = runner(announcer, new Retries(9, Duration.ofSeconds(1), wait -> {}), Spans.nowhere());
        patient.handle(record(requested("store-away")), new AwayAtFirst(3));
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events)
                .extracting(event -> event.data() instanceof AuditProgress news
                        ? news.text()
                        : event.data().topic())
                .containsExactly(
                        "waits 2 s and tries again by itself: the store does not answer",
                        "waits 4 s and tries again by itself: the store does not answer",
                        "goes on",
                        Topics.TARGET_READY);
    }

    @Test
    void whoWaitsForAStoreThatIsAwayCanBeCancelled() {
        AuditId audit = new AuditId("cancelled-away");
        StageRunner waiting = runner(announcer, wait -> cancel(audit));
        AwayAtFirst handler = new AwayAtFirst(Integer.MAX_VALUE);
        waiting.handle(record(requested("cancelled-away")), handler);
        assertThat(handler.calls).as("the second attempt is the last, of three").hasValue(2);
        assertThat(announcer.records).isEmpty();
        assertThat(announcer.events).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = AuditControl.Action.class,
            names = {"CANCEL", "ERASE"})
    void aCancelledOrErasedAuditAnnouncesNothing(AuditControl.Action action) {
        AuditId audit = new AuditId("cancelled");
        control.on(CloudEvent.of(new AuditControl(audit, action), "test", Instant.EPOCH)
                .toJson());
        Counting handler = new Counting();
        runner.handle(record(requested("cancelled")), handler);
        assertThat(handler.runs).hasValue(0);
        assertThat(announcer.events).isEmpty();
        assertThat(announcer.records).isEmpty();
    }

    @Test
    void aUnitIsAskedToStopWhereItIsWhenTheProcessEndsAndWhatItAnnouncesCounts() {
        List<Boolean> asked = new ArrayList<>();
        runner.handle(record(requested("process-ends")), new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) throws Exception {
                asked.add(context.paused());
                runner.stopping();
                asked.add(context.paused());
                return super.run(message, context);
            }
        });
        assertThat(asked).containsExactly(false, true);
        assertThat(announcer.events).hasSize(1);
    }

    @Test
    void aPausedAuditStandsStillUntilAUnitCarriesTheResumption() {
        AuditId audit = new AuditId("paused");
        control.on(CloudEvent.of(new AuditControl(audit, AuditControl.Action.PAUSE), "test", at(10))
                .toJson());
        Counting handler = new Counting();
        runner.handle(record(requested("paused")), handler);
        runner.handle(resumed(requested("paused"), at(9).toString()), handler);
        assertThat(handler.runs).hasValue(0);
        assertThat(announcer.events).isEmpty();

        runner.handle(resumed(requested("paused"), at(11).toString()), handler);
        assertThat(handler.runs).hasValue(1);
        assertThat(announcer.events).hasSize(1);

        control.on(CloudEvent.of(new AuditControl(audit, AuditControl.Action.PAUSE), "test", at(10))
                .toJson());
        runner.handle(record(new TargetReady(audit, new ArtifactRef("targets/a/t.json", "1".repeat(64), 1))), handler);
        assertThat(handler.runs)
                .as("an old word that comes late changes nothing")
                .hasValue(2);
    }

    @Test
    void aUnitIsToldOfThePauseWhileItRunsAndStillAnnouncesWhatItHas() {
        AuditId audit = new AuditId("paused-running");
        runner.handle(record(requested("paused-running")), new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) throws Exception {
                assertThat(context.paused()).isFalse();
                control.on(CloudEvent.of(new AuditControl(audit, AuditControl.Action.PAUSE), "test", at(1))
                        .toJson());
                assertThat(context.paused()).isTrue();
                assertThat(context.cancelled()).isFalse();
                return super.run(message, context);
            }
        });
        assertThat(announcer.events).hasSize(1);
    }

    @Test
    void attemptsAreCountedAcrossReplaysAndRetries() {
        ConsumerRecord<String, byte[]> again = record(requested("attempts"));
        again.headers().add(RecordHeaders.ATTEMPT, "4".getBytes(StandardCharsets.UTF_8));
        AtomicInteger calls = new AtomicInteger();
        UnitHandler handler = new Counting() {
            @Override
            public List<Message> run(Message message, UnitContext context) {
                context.progress("piece", 0, 1, "steps", "", Map.of(), null);
                throw new PalimpsestException(
                        calls.incrementAndGet() < 2 ? ErrorCode.STORE_UNAVAILABLE : ErrorCode.BAD_DATA, "no");
            }
        };
        runner.handle(again, handler);
        assertThat(announcer.events)
                .extracting(event -> ((AuditProgress) event.data()).figures())
                .startsWith(Map.of("attempt", 4.0), Map.of("attempt", 5.0));
        assertThat(header(announcer.records.get(0), "dead-letter-attempt")).isEqualTo("4");
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static ConsumerRecord<String, byte[]> resumed(Message message, String when) {
        ConsumerRecord<String, byte[]> record = record(message);
        record.headers().add(RecordHeaders.RESUMED_AT, when.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private void cancel(AuditId audit) {
        control.on(CloudEvent.of(new AuditControl(audit, AuditControl.Action.CANCEL), "test", Instant.EPOCH)
                .toJson());
    }

    private StageRunner runner(Announcer to) {
        return runner(to, length -> {});
    }

    private StageRunner runner(Announcer to, Retries.Pause pause) {
        return runner(to, pause, Spans.nowhere());
    }

    private StageRunner runner(Announcer to, Retries.Pause pause, Spans spans) {
        return runner(to, new Retries(3, Duration.ofMillis(1), pause), spans);
    }

    private StageRunner runner(Announcer to, Retries retries, Spans spans) {
        return new StageRunner(
                store, to, control, retries, new SimpleMeterRegistry(), spans, Path.of("unused"), Clock.systemUTC());
    }

    private static AuditRequested requested(String audit) {
        return new AuditRequested(new AuditId(audit), new ArtifactRef("audits/a/request.json", "0".repeat(64), 1));
    }

    private static ConsumerRecord<String, byte[]> record(Message message) {
        return record(CloudEvent.of(message, "test", Instant.EPOCH).toJson());
    }

    private static ConsumerRecord<String, byte[]> record(byte[] value) {
        return new ConsumerRecord<>(Topics.AUDIT_REQUESTED, 3, 17, "key", value);
    }

    private static String header(ProducerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** Its first calls find the store away. */
    private static final class AwayAtFirst extends Counting {
        final AtomicInteger calls = new AtomicInteger();
        private final int times;

        AwayAtFirst(int times) {
            this.times = times;
        }

        @Override
        public List<Message> run(Message message, UnitContext context) throws Exception {
            if (calls.incrementAndGet() <= times) {
                throw new PalimpsestException(ErrorCode.STORE_UNAVAILABLE, "the store does not answer");
            }
            return super.run(message, context);
        }
    }

    private static class Counting implements UnitHandler {
        final AtomicInteger runs = new AtomicInteger();

        @Override
        public Stage stage() {
            return Stage.EMBED;
        }

        @Override
        public List<Message> run(Message message, UnitContext context) throws Exception {
            runs.incrementAndGet();
            return List.of(new TargetReady(message.audit(), new ArtifactRef("targets/a/t.json", "1".repeat(64), 1)));
        }
    }

    /** Stores an object before it is done. */
    private static final class Storing extends Counting {
        static final byte[] CONTENT = {1, 2, 3};

        private @Nullable ArtifactRef stored;

        @Override
        public List<Message> run(Message message, UnitContext context) throws Exception {
            List<Message> announced = super.run(message, context);
            stored = context.store().put("audits/" + message.audit() + "/x", CONTENT, "application/octet-stream");
            return announced;
        }

        ArtifactRef ref() {
            return Objects.requireNonNull(stored);
        }
    }

    private static final class Remembering implements Announcer {
        final List<CloudEvent> events = new ArrayList<>();
        final List<ProducerRecord<String, byte[]>> records = new ArrayList<>();

        @Override
        public void announce(CloudEvent event) {
            events.add(event);
        }

        @Override
        public void tell(CloudEvent event) {
            events.add(event);
        }

        @Override
        public void send(ProducerRecord<String, byte[]> record) {
            records.add(record);
        }
    }
}
