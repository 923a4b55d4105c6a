package dev.palimpsest.gateway.broker;

import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;

/**
 * Reads topics from their beginning, on one thread, for as long as the process lives. It belongs to no consumer group: every
 * gateway reads everything, and nothing about it stays behind in the broker.
 */
public final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_MILLIS = 1000;

    private final KafkaConsumer<String, byte[]> consumer;
    private final List<String> topics;
    private final Consumer<ConsumerRecords<String, byte[]>> announced;
    private final Consumer<ConsumerRecord<String, byte[]>> receiver;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "topic-follower");

    /**
     * Prepares to follow; {@link #start} begins.
     *
     * @param announced told of the records that come next, before any of them; must not throw
     * @param receiver called with every record in turn; when it throws a retryable failure it is called again with the same
     */
    public TopicFollower(
            Map<String, Object> broker,
            List<String> topics,
            Consumer<ConsumerRecords<String, byte[]>> announced,
            Consumer<ConsumerRecord<String, byte[]>> receiver) {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        this.consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        this.topics = List.copyOf(topics);
        this.announced = announced;
        this.receiver = receiver;
    }

    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether everything that was in the topics at the start has been read, and what comes is being read. */
    public boolean upToDate() {
        return caughtUp.getCount() == 0 && thread.isAlive();
    }

    @Override
    public void close() {
        stop.countDown();
        consumer.wakeup();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            Map<TopicPartition, Long> ends = assign();
            while (!stopped()) {
                ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
                announced.accept(records);
                for (ConsumerRecord<String, byte[]> record : records) {
                    receive(record);
                }
                ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
                if (ends.isEmpty()) {
                    caughtUp.countDown();
                }
            }
        } catch (WakeupException e) {
            LOG.debug("The follower stops");
        } catch (RuntimeException e) {
            LOG.errorf(e, "The follower stopped: views no longer change until the gateway is started again");
        }
    }

    /** Waits for the broker and the topics, then returns where each partition ended at that moment. */
    private Map<TopicPartition, Long> assign() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            while (!stopped() && !known(topic)) {
                LOG.infof("Waiting for the topic %s", topic);
                pause();
            }
            if (!stopped()) {
                consumer.partitionsFor(topic)
                        .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            }
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return new HashMap<>(consumer.endOffsets(partitions));
    }

    private boolean known(String topic) {
        try {
            return consumer.listTopics(Duration.ofSeconds(5)).containsKey(topic);
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warnf("The broker does not answer yet: %s", e.getMessage());
            return false;
        }
    }

    private void receive(ConsumerRecord<String, byte[]> record) {
        while (!stopped()) {
            try {
                receiver.accept(record);
                return;
            } catch (PalimpsestException e) {
                if (!e.retryable()) {
                    LOG.warnf(
                            "Passing over %s-%d@%d: %s %s",
                            record.topic(), record.partition(), record.offset(), e.code(), e.getMessage());
                    return;
                }
                LOG.warnf("Will try again: %s", e.getMessage());
                pause();
            }
        }
    }

    private void pause() {
        try {
            if (stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.debug("The follower stops");
            }
        } catch (InterruptedException e) {
            stop.countDown();
            Thread.currentThread().interrupt();
        }
    }

    private boolean stopped() {
        return stop.getCount() == 0;
    }
}
