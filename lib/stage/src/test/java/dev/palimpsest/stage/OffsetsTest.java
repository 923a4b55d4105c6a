package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.Topics;
import dev.palimpsest.testkit.LocalInfra;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class OffsetsTest {
    private static final String TOPIC = "units";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final TopicPartition OTHER = new TopicPartition(TOPIC, 1);
    private static final long LONG_NANOS = Duration.ofSeconds(60).toNanos();

    @Test
    void whatIsCommittedHasNothingUndoneBeforeIt() {
        Offsets offsets = new Offsets();
        MockConsumer<String, String> consumer = new MockConsumer<>("earliest");
        consumer.assign(List.of(PARTITION, OTHER));
        offsets.assigned(List.of(PARTITION, OTHER));
        for (long offset = 5; offset < 9; offset++) {
            offsets.read(PARTITION, offset);
        }
        offsets.read(OTHER, 0);

        offsets.done(PARTITION, 6);
        offsets.done(PARTITION, 8);
        assertThat(offsets.commit(consumer)).isTrue();
        assertThat(committed(consumer, PARTITION)).as("5 is in hand").isEqualTo(-1);
        offsets.done(PARTITION, 5);
        offsets.commit(consumer);
        assertThat(committed(consumer, PARTITION)).isEqualTo(7);
        offsets.done(PARTITION, 7);
        offsets.commit(consumer);
        assertThat(committed(consumer, PARTITION)).isEqualTo(9);
        assertThat(committed(consumer, OTHER)).isEqualTo(-1);
    }

    @Test
    void ofAPartitionThatWentAndCameBackOnlyWhatIsReadSinceThenCounts() {
        Offsets offsets = new Offsets();
        MockConsumer<String, String> consumer = new MockConsumer<>("earliest");
        consumer.assign(List.of(PARTITION));
        offsets.assigned(List.of(PARTITION));
        offsets.read(PARTITION, 0);
        offsets.read(PARTITION, 1);
        offsets.revoked(List.of(PARTITION));
        offsets.done(PARTITION, 0);
        offsets.commit(consumer);
        assertThat(committed(consumer, PARTITION)).isEqualTo(-1);

        offsets.assigned(List.of(PARTITION));
        offsets.done(PARTITION, 1);
        offsets.read(PARTITION, 0);
        offsets.read(PARTITION, 1);
        offsets.done(PARTITION, 0);
        offsets.commit(consumer);
        assertThat(committed(consumer, PARTITION))
                .as("1 was done for an earlier delivery; this one finds its receipt first")
                .isEqualTo(1);
    }

    private static long committed(MockConsumer<String, String> consumer, TopicPartition partition) {
        OffsetAndMetadata offset = consumer.committed(Set.of(partition)).get(partition);
        return offset == null ? -1 : offset.offset();
    }

    /** In the window in which a group is rebalanced a broker refuses offsets; a unit that ends just then must not stay lag. */
    @Test
    void whatABrokerRefusedWhileTheGroupWasRebalancedIsCommittedThenThoughNothingMoreIsDone() throws Exception {
        try (LocalInfra infra = LocalInfra.start(List.of(new Topics.Topic(TOPIC, 1, false)));
                var first = consumer(infra.bootstrapServers());
                var second = consumer(infra.bootstrapServers())) {
            send(infra.bootstrapServers());
            Offsets offsets = new Offsets();
            first.subscribe(List.of(TOPIC), listener(offsets));
            long read = 0;
            for (long begin = System.nanoTime(); read == 0 && System.nanoTime() - begin < LONG_NANOS; ) {
                for (var record : first.poll(Duration.ofMillis(100))) {
                    offsets.read(PARTITION, record.offset());
                    read++;
                }
            }
            assertThat(read).isEqualTo(1);

            second.subscribe(List.of(TOPIC));
            until(() -> {
                second.poll(Duration.ofMillis(50));
                first.poll(Duration.ofMillis(50));
                return second.groupMetadata().generationId() > 0
                        && second.groupMetadata().generationId()
                                == first.groupMetadata().generationId();
            });
            // The broker waits for the second, which is not polled.
            first.enforceRebalance();
            until(() -> {
                first.poll(Duration.ofMillis(50));
                return refuses(first);
            });
            offsets.done(PARTITION, 0);
            assertThat(offsets.commit(first)).as("in the midst of it").isFalse();

            until(() -> {
                second.poll(Duration.ofMillis(50));
                first.poll(Duration.ofMillis(50));
                return !refuses(first);
            });
            assertThat(first.assignment()).as("sticky").containsExactly(PARTITION);
            assertThat(offsets.commit(first)).isTrue();
            assertThat(first.committed(Set.of(PARTITION)).get(PARTITION).offset())
                    .isEqualTo(1);
        }
    }

    /** Whether the broker takes no offsets now; to ask changes nothing. */
    private static boolean refuses(KafkaConsumer<String, String> consumer) {
        try {
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(0)));
            return false;
        } catch (RebalanceInProgressException e) {
            return true;
        }
    }

    private static void until(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begin).isLessThan(LONG_NANOS);
        }
    }

    private static ConsumerRebalanceListener listener(Offsets offsets) {
        return new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                offsets.assigned(partitions);
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                offsets.revoked(partitions);
            }
        };
    }

    private static KafkaConsumer<String, String> consumer(String bootstrapServers) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        "workers",
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "heartbeat.interval.ms",
                        100,
                        "partition.assignment.strategy",
                        CooperativeStickyAssignor.class.getName()),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static void send(String bootstrapServers) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "audit", "unit")).get();
        }
    }
}
