package dev.palimpsest.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.access.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of access at a real broker: who may not, is refused. */
class SecuredBrokerTest {
    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        List<Integer> ports = FreePorts.take(2);
        broker = EmbeddedBroker.startSecured(
                folder,
                ports.get(0),
                ports.get(1),
                "admin-password",
                Stream.of(Service.values()).collect(Collectors.toMap(service -> service, Service::id)));
        TopicCreator.createMissing(client("admin", "admin-password"), Topics.ALL);
        AccessRules.create(client("admin", "admin-password"));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aServiceWritesWhereTheTableSays() throws Exception {
        send("reconstruct", Topics.CANDIDATES_READY);
        send("reconstruct", Topics.deadLetters(Stage.RECONSTRUCT));
        assertThatThrownBy(() -> send("reconstruct", Topics.TARGET_READY))
                .hasRootCauseInstanceOf(TopicAuthorizationException.class);
        assertThatThrownBy(() -> send("reconstruct", Topics.AUDIT_CONTROL))
                .hasRootCauseInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void aServiceReadsWhatTheTableSays() throws Exception {
        send("embed", Topics.TARGET_READY);
        assertThat(read("reconstruct", "reconstruct", Topics.TARGET_READY)).isEqualTo("value");
        assertThatThrownBy(() -> read("reconstruct", "reconstruct", Topics.AUDIT_REQUESTED))
                .isInstanceOf(TopicAuthorizationException.class);
        assertThatThrownBy(() -> read("reconstruct", "embed", Topics.TARGET_READY))
                .isInstanceOf(GroupAuthorizationException.class);
        send("gateway", Topics.AUDIT_CONTROL);
        assertThat(read("reconstruct", "control-1234", Topics.AUDIT_CONTROL)).isEqualTo("value");
    }

    @Test
    void aWrongPasswordAndAStrangerAreRefused() {
        for (Map<String, Object> client : List.of(client("embed", "reconstruct"), client("nobody", "nobody"))) {
            assertThatThrownBy(() -> send(client, Topics.TARGET_READY))
                    .hasRootCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    private static void send(String user, String topic) throws Exception {
        send(client(user, user), topic);
    }

    private static void send(Map<String, Object> client, String topic) throws Exception {
        try (var producer = new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
        }
    }

    private static String read(String user, String group, String topic) {
        Map<String, Object> settings = client(user, user);
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            return consumer.poll(Duration.ofSeconds(60)).iterator().next().value();
        }
    }

    private static Map<String, Object> client(String user, String password) {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user, password)));
    }
}
