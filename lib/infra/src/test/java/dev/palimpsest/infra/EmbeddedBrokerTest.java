package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    @TempDir
    Path folder;

    private EmbeddedBroker start() {
        List<Integer> ports = FreePorts.take(2);
        return EmbeddedBroker.start(folder, ports.get(0), ports.get(1));
    }

    private static void send(EmbeddedBroker broker, String topic, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, "key", value)).get();
        }
    }

    private static String firstOf(EmbeddedBroker broker, String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return consumer.poll(Duration.ofSeconds(20)).iterator().next().value();
        }
    }

    @Test
    void recordsAndTopicsAreThereAfterARestartOnOtherPorts() throws Exception {
        try (EmbeddedBroker broker = start()) {
            TopicCreator.createMissing(broker.bootstrapServers(), TopicList.parse("commands:4,audits:2:compact"));
            TopicCreator.createMissing(
                    broker.bootstrapServers(), TopicList.parse("commands:4,audits:2:compact,dead:1"));
            send(broker, "commands", "before");
        }

        try (EmbeddedBroker broker = start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            assertThat(firstOf(broker, "commands")).isEqualTo("before");
            var topics = admin.describeTopics(List.of("commands", "audits", "dead"))
                    .allTopicNames()
                    .get();
            assertThat(topics.get("commands").partitions()).hasSize(4);
            assertThat(topics.get("audits").partitions()).hasSize(2);
            assertThat(topics.get("dead").partitions()).hasSize(1);
            ConfigResource audits = new ConfigResource(ConfigResource.Type.TOPIC, "audits");
            assertThat(admin.describeConfigs(List.of(audits))
                            .all()
                            .get()
                            .get(audits)
                            .get("cleanup.policy")
                            .value())
                    .isEqualTo("compact");
        }
    }

    @Test
    void aFolderInUseIsRefusedAndItsBrokerGoesOn() throws Exception {
        try (EmbeddedBroker broker = start()) {
            TopicCreator.createMissing(broker.bootstrapServers(), TopicList.parse("commands:1"));

            assertThatThrownBy(this::start)
                    .hasMessageContaining("The folder " + folder + " is in use by another server")
                    .extracting(e -> ((PalimpsestException) e).code())
                    .isEqualTo(ErrorCode.IN_USE);

            TopicCreator.createMissing(broker.bootstrapServers(), TopicList.parse("audits:1"));
            send(broker, "audits", "still here");
            assertThat(firstOf(broker, "audits")).isEqualTo("still here");
        }
    }

    @Test
    void aFolderIsFreeAgainAfterAStartThatFailed() {
        List<Integer> ports = FreePorts.take(2);
        assertThatThrownBy(() -> EmbeddedBroker.start(folder, ports.get(0), ports.get(0)))
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.IN_USE);

        try (EmbeddedBroker broker = start()) {
            assertThat(broker.bootstrapServers()).startsWith("127.0.0.1:");
        }
    }
}
