package dev.palimpsest.stage;

import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Puts a record that cannot be handled aside, as it came, with why, so that the records behind it flow on. */
final class DeadLetters {
    private final Announcer announcer;

    DeadLetters(Announcer announcer) {
        this.announcer = announcer;
    }

    void put(Stage stage, ConsumerRecord<String, byte[]> record, String code, String reason) {
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(Topics.deadLetters(stage), record.key(), record.value());
        header(letter, RecordHeaders.DEAD_LETTER_CODE, code);
        header(letter, RecordHeaders.DEAD_LETTER_REASON, reason);
        header(letter, RecordHeaders.DEAD_LETTER_TOPIC, record.topic());
        header(letter, RecordHeaders.DEAD_LETTER_PARTITION, Integer.toString(record.partition()));
        header(letter, RecordHeaders.DEAD_LETTER_OFFSET, Long.toString(record.offset()));
        header(letter, RecordHeaders.DEAD_LETTER_ATTEMPT, Integer.toString(attempt(record.headers())));
        announcer.send(letter);
    }

    /** Which attempt this record is: what somebody sent again says so, whatever that header holds. */
    static int attempt(Headers headers) {
        Header header = headers.lastHeader(RecordHeaders.ATTEMPT);
        String text =
                header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
        return text.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(text) : 1;
    }

    private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
        letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
