package dev.palimpsest.stage;

import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Puts a record that cannot be handled aside, as it came, with why, so that the records behind it flow on. */
final class DeadLetters {
    private final Announcer announcer;

    DeadLetters(Announcer announcer) {
        this.announcer = announcer;
    }

    void put(Stage stage, ConsumerRecord<String, byte[]> record, String code, String reason) {
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(Topics.deadLetters(stage), record.key(), record.value());
        header(letter, "dead-letter-code", code);
        header(letter, "dead-letter-reason", reason);
        header(letter, "dead-letter-topic", record.topic());
        header(letter, "dead-letter-partition", Integer.toString(record.partition()));
        header(letter, "dead-letter-offset", Long.toString(record.offset()));
        announcer.send(letter);
    }

    private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
        letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
