package dev.palimpsest.gateway.broker;

import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.spans.Span;
import dev.palimpsest.spans.Spans;
import dev.palimpsest.spans.TraceParent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages and waits until every replica in sync has them: who got an answer can rely on it. Each is a span of its audit's trace, and what a stage
 * does with it follows from that.
 */
public final class Announcer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Producer<String, byte[]> producer;
    private final Spans spans;

    /** Connects with {@code bootstrap.servers} and whatever else the broker wants from its clients. */
    public Announcer(Map<String, Object> broker, Spans spans) {
        this.spans = spans;
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Publishes one message, said now.
     *
     * @throws PalimpsestException BROKER_UNAVAILABLE when it was not acknowledged in ten seconds
     */
    public void announce(Message message) {
        announce(CloudEvent.of(message, "gateway", Instant.now()), Map.of());
    }

    /** As {@link #announce(Message)}, with the envelope and further headers as they are given. */
    public void announce(CloudEvent event, Map<String, String> headers) {
        Message message = event.data();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(message.topic(), message.partitionKey(), event.toJson());
        record.headers().add("content-type", CloudEvent.MEDIA_TYPE.getBytes(StandardCharsets.US_ASCII));
        send(record, headers);
    }

    /** Publishes a record as it is, with further headers. */
    public void send(ProducerRecord<String, byte[]> record, Map<String, String> headers) {
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        String key = record.key();
        if (key == null) {
            publish(record);
            return;
        }
        String audit = key.replaceFirst("/.*", "");
        TraceParent self = TraceParent.begin(audit);
        record.headers().add(TraceParent.HEADER, self.header().getBytes(StandardCharsets.US_ASCII));
        Instant begin = Instant.now();
        long beginNanos = System.nanoTime();
        @Nullable String error = ErrorCode.BROKER_UNAVAILABLE.name();
        try {
            publish(record);
            error = null;
        } finally {
            Duration length = Duration.ofNanos(System.nanoTime() - beginNanos);
            spans.add(new Span(
                    self,
                    null,
                    "send " + record.topic(),
                    Span.Kind.PRODUCER,
                    begin,
                    length,
                    Map.of(
                            "palimpsest.audit",
                            audit,
                            "messaging.system",
                            "kafka",
                            "messaging.operation.type",
                            "send",
                            "messaging.destination.name",
                            record.topic()),
                    error));
        }
    }

    private void publish(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
            throw unavailable(record, e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw unavailable(record, e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    private static PalimpsestException unavailable(ProducerRecord<String, byte[]> record, Exception e) {
        return new PalimpsestException(
                ErrorCode.BROKER_UNAVAILABLE,
                "The broker did not take a record for " + record.topic() + " of " + record.key()
                        + " in ten seconds; ask again when it is back",
                e);
    }
}
