package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StageWorkerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final UnitHandler HANDLER = new UnitHandler() {
        @Override
        public Stage stage() {
            return Stage.INVERT;
        }

        @Override
        public List<Message> run(Message message, UnitContext context) {
            return List.of();
        }
    };

    private final BlockingQueue<String> acknowledged = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final AtomicLong asked = new AtomicLong();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private @Nullable StageWorker worker;

    @AfterEach
    void stop() throws Exception {
        if (worker != null) {
            worker.stop();
        }
    }

    @Test
    void twoChannelsOfOneServiceAreOneUnitAtATimeInTurnsBetweenAudits() throws Exception {
        List<String> order = new ArrayList<>();
        worker = worker((record, handler) -> order.add(hold(record)), LONG);
        var units = open(worker);
        var others = open(worker);
        units.onNext(message("first", "a/first-0", 0));
        begun.await();
        for (int i = 0; i < 3; i++) {
            units.onNext(message("large" + i, "large/picture-" + i, i));
        }
        units.onNext(message("small0", "small/picture-0", 0));
        others.onNext(message("small1", "small", 0));
        go.countDown();

        assertThat(done(6)).containsExactlyElementsOf(order);
        assertThat(order).startsWith("first", "large0", "small0").endsWith("large2");
        assertThat(order.indexOf("small1")).isLessThanOrEqualTo(4);
        // The next record is asked for after the one before was acknowledged.
        worker.stop();
        assertThat(asked).hasValue(2 * StageWorker.READ_AHEAD + 6L);
    }

    @Test
    void aUnitIsTriedAgainUntilTheBrokerIsBackAndOnlyThenAcknowledged() throws Exception {
        AtomicLong tries = new AtomicLong();
        worker = new StageWorker(
                (record, handler) -> {
                    if (tries.incrementAndGet() < 4) {
                        throw new PalimpsestException(ErrorCode.BROKER_UNAVAILABLE, "away");
                    }
                },
                pause -> assertThat(acknowledged).isEmpty(),
                () -> {},
                LONG);
        open(worker).onNext(message("one", "audit", 0));
        assertThat(done(1)).containsExactly("one");
        assertThat(tries).hasValue(4);
    }

    @Test
    void whatWaitsOfARevokedPartitionIsLeftToItsNewWorker() throws Exception {
        worker = worker((record, handler) -> hold(record), LONG);
        var units = open(worker);
        units.onNext(message("in hand", "a", 1));
        begun.await();
        units.onNext(message("gone", "a", 1));
        units.onNext(message("kept", "a", 2));
        new StageWorker.Partitions(worker).onPartitionsRevoked(null, List.of(new TopicPartition("invert.units", 1)));
        go.countDown();
        assertThat(done(2)).containsExactly("in hand", "kept");
        assertThat(acknowledged).isEmpty();
        worker.stop();
        assertThat(asked).hasValue(StageWorker.READ_AHEAD + 3L);
    }

    @Test
    void theUnitInHandEndsWhenTheServiceStopsAndNoneBegins() throws Exception {
        worker = worker((record, handler) -> hold(record), LONG);
        var units = open(worker);
        units.onNext(message("in hand", "a", 0));
        begun.await();
        units.onNext(message("left", "a", 0));
        Thread stopping = new Thread(() -> {
            try {
                worker.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stopping.start();
        stopped.await();
        go.countDown();
        stopping.join();
        assertThat(acknowledged).containsExactly("in hand");
        assertThat(refused).isEmpty();
    }

    @Test
    void aUnitThatDoesNotEndInTimeIsInterruptedAndNotAcknowledged() throws Exception {
        worker = worker((record, handler) -> hold(record), Duration.ofMillis(1));
        open(worker).onNext(message("endless", "a", 0));
        begun.await();
        worker.stop();
        assertThat(acknowledged).isEmpty();
        assertThat(refused).isEmpty();
    }

    @Test
    void anErrorOfTheProcessEndsTheChannel() throws Exception {
        worker = worker(
                (record, handler) -> {
                    throw new NoClassDefFoundError("gone");
                },
                LONG);
        open(worker).onNext(message("one", "a", 0));
        assertThat(refused.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(acknowledged).isEmpty();
    }

    private StageWorker worker(StageWorker.Runner runner, Duration lastUnit) {
        return new StageWorker(runner, pause -> {}, stopped::countDown, lastUnit);
    }

    /** The first unit stays in hand until the test lets it go. */
    private String hold(ConsumerRecord<String, byte[]> record) {
        begun.countDown();
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(ErrorCode.BROKER_UNAVAILABLE, "Interrupted", e);
        }
        return new String(record.value(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private List<String> done(int records) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            names.add(acknowledged.poll(LONG.toSeconds(), TimeUnit.SECONDS));
        }
        return names;
    }

    private Flow.Subscriber<org.eclipse.microprofile.reactive.messaging.Message<byte[]>> open(StageWorker worker) {
        var channel = worker.units(HANDLER);
        channel.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                asked.addAndGet(n);
            }

            @Override
            public void cancel() {}
        });
        return channel;
    }

    private org.eclipse.microprofile.reactive.messaging.Message<byte[]> message(
            String name, String key, int partition) {
        byte[] value = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>("invert.units", partition, 0, key, value);
        return org.eclipse.microprofile.reactive.messaging.Message.of(
                value,
                Metadata.of(new IncomingKafkaRecordMetadata<>(record, "invert-units")),
                () -> {
                    acknowledged.add(name);
                    return CompletableFuture.completedFuture(null);
                },
                failure -> {
                    refused.add(name);
                    return CompletableFuture.completedFuture(null);
                });
    }
}
