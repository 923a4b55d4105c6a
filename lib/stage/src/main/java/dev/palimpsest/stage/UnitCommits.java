package dev.palimpsest.stage;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecord;
import io.smallrye.reactive.messaging.kafka.KafkaConnectorIncomingConfiguration;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import io.smallrye.reactive.messaging.kafka.commit.KafkaCommitHandler;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Commits a channel's {@link Offsets} each second, when partitions go to another worker and at the end. The connector's own strategy
 * {@code throttled} forgets what the broker did not take until a later record of that partition is done.
 */
final class UnitCommits implements KafkaCommitHandler {
    private static final Logger LOG = Logger.getLogger(UnitCommits.class);
    private static final long EVERY_MILLIS = 1_000;
    private static final Duration LAST = Duration.ofSeconds(6);

    private final Vertx vertx;
    private final KafkaConsumer<?, ?> consumer;
    private final Offsets offsets = new Offsets();
    private final AtomicBoolean underWay = new AtomicBoolean();
    private final long timer;

    private UnitCommits(Vertx vertx, KafkaConsumer<?, ?> consumer) {
        this.vertx = vertx;
        this.consumer = consumer;
        this.timer = vertx.setPeriodic(EVERY_MILLIS, id -> commit());
    }

    private void commit() {
        if (underWay.compareAndSet(false, true)) {
            consumer.runOnPollingThread(offsets::commit)
                    .onTermination()
                    .invoke(() -> underWay.set(false))
                    .subscribe()
                    .with(taken -> {}, failure -> LOG.warn("offsets could not be committed", failure));
        }
    }

    @Override
    public <K, V> Uni<IncomingKafkaRecord<K, V>> received(IncomingKafkaRecord<K, V> record) {
        offsets.read(partition(record), record.getOffset());
        return Uni.createFrom().item(record);
    }

    @Override
    public <K, V> Uni<Void> handle(IncomingKafkaRecord<K, V> record) {
        offsets.done(partition(record), record.getOffset());
        return Uni.createFrom().voidItem();
    }

    @Override
    public void partitionsAssigned(Collection<TopicPartition> partitions) {
        offsets.assigned(partitions);
    }

    /** On the consumer's thread. */
    @Override
    public void partitionsRevoked(Collection<TopicPartition> partitions) {
        offsets.commit(consumer.unwrap());
        offsets.revoked(partitions);
    }

    @Override
    public void terminate(boolean graceful) {
        vertx.cancelTimer(timer);
        consumer.runOnPollingThread(offsets::commit).await().atMost(LAST);
    }

    private static TopicPartition partition(IncomingKafkaRecord<?, ?> record) {
        return new TopicPartition(record.getTopic(), record.getPartition());
    }

    /** Makes one for each channel that is configured so. */
    @ApplicationScoped
    @Identifier("units")
    static class Factory implements KafkaCommitHandler.Factory {
        @Override
        public KafkaCommitHandler create(
                KafkaConnectorIncomingConfiguration config,
                Vertx vertx,
                KafkaConsumer<?, ?> consumer,
                BiConsumer<Throwable, Boolean> reportFailure) {
            return new UnitCommits(vertx, consumer);
        }
    }
}
