package dev.palimpsest.stage;

import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/** Announces through one idempotent producer. */
@ApplicationScoped
class KafkaAnnouncer implements Announcer {
    private static final Logger LOG = Logger.getLogger(KafkaAnnouncer.class);

    private final KafkaProducer<String, byte[]> producer;

    /** Connects with {@code kafka.bootstrap.servers} and whatever else the broker wants from its clients, such as credentials. */
    KafkaAnnouncer(@Identifier("default-kafka-broker") Map<String, Object> broker) {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    @Override
    public void announce(CloudEvent event) {
        send(record(event));
    }

    @Override
    public void tell(CloudEvent event) {
        try {
            var unused = producer.send(record(event), (metadata, failure) -> {
                if (failure != null) {
                    LOG.debugf("news lost: %s", failure.getMessage());
                }
            });
        } catch (RuntimeException e) {
            LOG.debugf("news lost: %s", e.getMessage());
        }
    }

    @Override
    public void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (ExecutionException | KafkaException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The broker did not take a record for " + record.topic() + ": " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE, "Interrupted while sending to " + record.topic(), e);
        }
    }

    private static ProducerRecord<String, byte[]> record(CloudEvent event) {
        Message message = event.data();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(message.topic(), message.partitionKey(), event.toJson());
        record.headers().add("content-type", CloudEvent.MEDIA_TYPE.getBytes(StandardCharsets.UTF_8));
        Trace.current()
                .ifPresent(trace -> record.headers().add(Trace.HEADER, trace.getBytes(StandardCharsets.US_ASCII)));
        Trace.share()
                .ifPresent(
                        share -> record.headers().add(RecordHeaders.SHARE, share.getBytes(StandardCharsets.US_ASCII)));
        return record;
    }

    @PreDestroy
    void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
