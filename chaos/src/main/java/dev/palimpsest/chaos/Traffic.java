package dev.palimpsest.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What went over the topics. */
final class Traffic {
    /** What stages work on. */
    static final List<String> WORK = Topics.ALL.stream()
            .map(Topics.Topic::name)
            .filter(topic -> Topics.worker(topic).isPresent())
            .toList();

    private final String bootstrapServers;

    Traffic(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** Everything on these topics so far, in the order of each partition. */
    List<ConsumerRecord<String, byte[]>> read(List<String> topics) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topics.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    /** Messages of an audit on a topic, without copies of the same announcement. */
    Set<CloudEvent> distinct(String topic, AuditId audit) {
        Set<CloudEvent> events = new HashSet<>();
        for (ConsumerRecord<String, byte[]> record : read(List.of(topic))) {
            decoded(record).filter(event -> event.data().audit().equals(audit)).ifPresent(events::add);
        }
        return events;
    }

    /** Partitions of work that stages have not acknowledged to the end, and how far they have. */
    List<String> lags() {
        List<String> lags = new ArrayList<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
                var consumer = new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            for (Stage stage : Stage.values()) {
                Map<TopicPartition, OffsetAndMetadata> done = admin.listConsumerGroupOffsets(stage.id())
                        .partitionsToOffsetAndMetadata()
                        .get();
                List<TopicPartition> partitions = WORK.stream()
                        .filter(topic -> Topics.worker(topic).orElseThrow() == stage)
                        .flatMap(topic -> consumer.partitionsFor(topic).stream())
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
                for (Map.Entry<TopicPartition, Long> end :
                        consumer.endOffsets(partitions).entrySet()) {
                    OffsetAndMetadata committed = done.get(end.getKey());
                    long to = committed == null ? 0 : committed.offset();
                    if (to < end.getValue()) {
                        lags.add("%s: %d of %d".formatted(end.getKey(), to, end.getValue()));
                    }
                }
            }
            return lags;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Announcements of work that were made again: the price of at-least-once. */
    long repeated() {
        List<String> ids = read(WORK).stream()
                .flatMap(record -> decoded(record).map(CloudEvent::id).stream())
                .toList();
        return ids.size() - ids.stream().distinct().count();
    }

    /** References in messages of any topic that name what the store does not hold, or other bytes. */
    List<String> dangling(ArtifactStore store) {
        Map<String, String> checked = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record :
                read(Topics.ALL.stream().map(Topics.Topic::name).toList())) {
            decoded(record).ifPresent(event -> {
                for (ArtifactRef ref : references(record.value())) {
                    checked.computeIfAbsent(
                            ref.key() + " " + ref.sha256(),
                            key -> store.stat(ref.key()).filter(ref::equals).isPresent()
                                    ? ""
                                    : event.id() + " names " + key);
                }
            });
        }
        return checked.values().stream()
                .filter(text -> !text.isEmpty())
                .sorted()
                .toList();
    }

    private static List<ArtifactRef> references(byte[] json) {
        try {
            List<ArtifactRef> references = new ArrayList<>();
            for (JsonNode parent : Json.mapper().readTree(json).findParents("sha256")) {
                references.add(Json.mapper().treeToValue(parent, ArtifactRef.class));
            }
            return references;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty for a record that is no message. */
    static Optional<CloudEvent> decoded(ConsumerRecord<String, byte[]> record) {
        try {
            return Optional.of(CloudEvent.fromJson(record.value()));
        } catch (PalimpsestException e) {
            return Optional.empty();
        }
    }
}
