package dev.palimpsest.chaos;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends every record of work that comes while it is open four times more, in an order of its own and to any partition. Copies make their
 * stage announce again what it announced before: those are the same records, and are not copied anew.
 */
final class Duplicator implements AutoCloseable {
    private static final String COPY = "copy";
    private static final int COPIES = 4;

    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final Random random;
    private final Set<String> seen = new HashSet<>();
    private final Thread thread;
    private final CountDownLatch listening = new CountDownLatch(1);
    private long sent;

    private Duplicator(String bootstrapServers, long seed) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
        consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        random = new Random(seed);
        thread = new Thread(this::run, "duplicator");
    }

    /** Returns when no record can be missed any more. */
    static Duplicator open(String bootstrapServers, long seed) throws InterruptedException {
        Duplicator duplicator = new Duplicator(bootstrapServers, seed);
        duplicator.thread.start();
        duplicator.listening.await();
        return duplicator;
    }

    private void run() {
        List<TopicPartition> partitions = Traffic.WORK.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        listening.countDown();
        try {
            while (true) {
                List<ProducerRecord<String, byte[]>> copies = new ArrayList<>();
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.headers().lastHeader(COPY) == null && seen.add(content(record))) {
                        for (int i = 0; i < COPIES; i++) {
                            copies.add(copy(record));
                        }
                    }
                }
                Collections.shuffle(copies, random);
                copies.forEach(producer::send);
                sent += copies.size();
            }
        } catch (WakeupException e) {
            consumer.close();
            producer.close();
        }
    }

    private static String content(ConsumerRecord<String, byte[]> record) {
        return record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8);
    }

    private ProducerRecord<String, byte[]> copy(ConsumerRecord<String, byte[]> record) {
        int partition = random.nextInt(producer.partitionsFor(record.topic()).size());
        ProducerRecord<String, byte[]> copy =
                new ProducerRecord<>(record.topic(), partition, record.key(), record.value(), record.headers());
        copy.headers().add(COPY, new byte[] {1});
        return copy;
    }

    /** Ends, and says how many copies it sent. */
    long end() throws InterruptedException {
        consumer.wakeup();
        thread.join();
        return sent;
    }

    @Override
    public void close() throws InterruptedException {
        end();
    }
}
