package dev.palimpsest.stage;

import dev.palimpsest.contracts.PalimpsestException;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a service's units one at a time, on a thread of its own, audits in {@link Turns}. It reads ahead to know who waits; a record is
 * acknowledged when its unit is done, whatever the order, and the offset that is committed is the one below which all are done. A record that
 * is delivered again, because this process ended or its partition moved, finds its receipt.
 */
@Singleton
public final class StageWorker {
    /** Records that a channel may hold. Beyond that, audits share in the order in which they came. */
    static final int READ_AHEAD = 2_000;

    private static final Logger LOG = Logger.getLogger(StageWorker.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration INTERRUPTED = Duration.ofSeconds(1);

    private final Runner runner;
    private final Retries.Pause pause;
    private final Runnable stopping;
    private final Duration lastUnit;
    private final Turns<Waiting> turns = new Turns<>();
    private final Thread thread = new Thread(this::work, "units");
    private boolean started;

    /** What is done with a record: {@link StageRunner#handle}. */
    @FunctionalInterface
    interface Runner {
        void handle(ConsumerRecord<String, byte[]> record, UnitHandler handler);
    }

    private record Waiting(Channel channel, Message<byte[]> message, ConsumerRecord<String, byte[]> record) {
        TopicPartition partition() {
            return new TopicPartition(record.topic(), record.partition());
        }
    }

    @Inject
    StageWorker(StageRunner runner, StageConfig config) {
        this(runner::handle, length -> Thread.sleep(length.toMillis()), runner::stopping, config.lastUnit());
    }

    /** @param stopping tells the unit in hand */
    StageWorker(Runner runner, Retries.Pause pause, Runnable stopping, Duration lastUnit) {
        this.runner = runner;
        this.pause = pause;
        this.stopping = stopping;
        this.lastUnit = lastUnit;
        thread.setDaemon(true);
    }

    /** A channel whose records are units for the handler. */
    public synchronized Flow.Subscriber<Message<byte[]>> units(UnitHandler handler) {
        if (!started) {
            started = true;
            thread.start();
        }
        return new Channel(handler);
    }

    /** Another worker goes on with what waits of these partitions. */
    void revoked(Collection<TopicPartition> partitions) {
        turns.remove(waiting -> partitions.contains(waiting.partition())).forEach(waiting -> waiting.channel.next());
    }

    /** Leaves what waits, and gives the unit in hand a while to end. */
    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void stop() throws InterruptedException {
        turns.close();
        stopping.run();
        thread.join(lastUnit.toMillis());
        thread.interrupt();
        thread.join(INTERRUPTED.toMillis());
    }

    private void work() {
        try {
            for (Turns.Turn<Waiting> turn = turns.take(); turn != null; turn = turns.take()) {
                long begin = System.nanoTime();
                run(turn.item());
                turns.took(
                        turn.audit(),
                        Duration.ofNanos(System.nanoTime() - begin),
                        Share.of(turn.item().record.headers()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the record is acknowledged. The runner throws while the broker is away, and then the unit is tried again. */
    private void run(Waiting waiting) throws InterruptedException {
        while (true) {
            try {
                runner.handle(waiting.record, waiting.channel.handler);
                var unused = waiting.message.ack();
                waiting.channel.next();
                return;
            } catch (PalimpsestException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException(e.getMessage());
                }
                LOG.warnf("a unit is tried again: %s", e.getMessage());
                pause.of(AGAIN);
            } catch (RuntimeException | Error e) {
                // Not a failure of the unit but of this process: its channel ends, and with it its liveness.
                LOG.error("units cannot go on in this process", e);
                var unused = waiting.message.nack(e);
                throw e;
            }
        }
    }

    /** Whose unit it is; a record without a key is nobody's. */
    private static String audit(ConsumerRecord<String, byte[]> record) {
        String key = record.key();
        return key == null ? "" : key.replaceFirst("/.*", "");
    }

    /** Of one topic. */
    private final class Channel implements Flow.Subscriber<Message<byte[]>> {
        private final UnitHandler handler;
        private volatile Flow.@Nullable Subscription subscription;

        Channel(UnitHandler handler) {
            this.handler = handler;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(READ_AHEAD);
        }

        @Override
        @SuppressWarnings("unchecked")
        public void onNext(Message<byte[]> message) {
            ConsumerRecord<String, byte[]> record = message.getMetadata(IncomingKafkaRecordMetadata.class)
                    .orElseThrow()
                    .getRecord();
            turns.add(audit(record), new Waiting(this, message, record));
        }

        private void next() {
            Objects.requireNonNull(subscription).request(1);
        }

        @Override
        public void onError(Throwable failure) {
            LOG.error("a channel has failed", failure);
        }

        @Override
        public void onComplete() {}
    }

    /** Hears which partitions go to another worker. */
    @ApplicationScoped
    @Identifier("units")
    static class Partitions implements KafkaConsumerRebalanceListener {
        private final StageWorker worker;

        @Inject
        Partitions(StageWorker worker) {
            this.worker = worker;
        }

        @Override
        public void onPartitionsRevoked(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
            worker.revoked(partitions);
        }
    }
}
