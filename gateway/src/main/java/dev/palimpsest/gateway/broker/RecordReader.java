package dev.palimpsest.gateway.broker;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads single records that are known by their place. */
public final class RecordReader {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<String, Object> settings;

    /** Connects with {@code bootstrap.servers} and whatever else the broker wants from its clients. */
    public RecordReader(Map<String, Object> broker) {
        settings = new HashMap<>(broker);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    }

    /**
     * The record at this place.
     *
     * @throws PalimpsestException NOT_FOUND when the broker no longer has it; BROKER_UNAVAILABLE
     */
    public ConsumerRecord<String, byte[]> read(String topic, int partition, long offset) {
        TopicPartition place = new TopicPartition(topic, partition);
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            if (consumer.beginningOffsets(List.of(place), PATIENCE).getOrDefault(place, 0L) > offset) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        topic + " no longer holds the record " + offset + ": the broker has deleted it by its age");
            }
            consumer.seek(place, offset);
            List<ConsumerRecord<String, byte[]>> records =
                    consumer.poll(PATIENCE).records(place);
            if (records.isEmpty() || records.get(0).offset() != offset) {
                throw new PalimpsestException(ErrorCode.NOT_FOUND, topic + " has no record " + offset);
            }
            return records.get(0);
        } catch (KafkaException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The broker did not give record " + offset + " of " + topic + ": " + e.getMessage(),
                    e);
        }
    }
}
