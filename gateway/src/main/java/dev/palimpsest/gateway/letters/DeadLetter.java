package dev.palimpsest.gateway.letters;

import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record that a stage could not handle.
 *
 * @param id the stage and where the letter lies, e.g. {@code invert-0-12}
 * @param audit that the record belongs to; null when the record cannot be decoded
 * @param unit its name within the audit; null likewise
 * @param topic that the record came from, with its partition and offset there
 * @param code an {@link dev.palimpsest.contracts.ErrorCode}
 * @param reason one sentence
 * @param attempt how often the stage had got the record, from 1
 * @param time when it was put aside
 * @param bytes size of the record's value
 * @param state {@code open}, {@code replayed} or {@code dropped}
 * @param decided when it was replayed or dropped; null while it is open
 */
public record DeadLetter(
        String id,
        Stage stage,
        @Nullable String audit,
        @Nullable String unit,
        String topic,
        int partition,
        long offset,
        String code,
        String reason,
        int attempt,
        Instant time,
        int bytes,
        String state,
        @Nullable Instant decided) {
    static final String OPEN = "open";

    static DeadLetter of(Stage stage, ConsumerRecord<String, byte[]> record) {
        Message message = message(record);
        return new DeadLetter(
                stage.id() + "-" + record.partition() + "-" + record.offset(),
                stage,
                message == null ? null : message.audit().value(),
                message == null ? null : message.unit(),
                text(record, RecordHeaders.DEAD_LETTER_TOPIC, ""),
                (int) number(record, RecordHeaders.DEAD_LETTER_PARTITION),
                number(record, RecordHeaders.DEAD_LETTER_OFFSET),
                text(record, RecordHeaders.DEAD_LETTER_CODE, "INTERNAL"),
                text(record, RecordHeaders.DEAD_LETTER_REASON, "no reason was given"),
                (int) Math.max(1, number(record, RecordHeaders.DEAD_LETTER_ATTEMPT)),
                Instant.ofEpochMilli(record.timestamp()),
                record.value() == null ? 0 : record.value().length,
                OPEN,
                null);
    }

    boolean open() {
        return state.equals(OPEN);
    }

    DeadLetter decided(String what, Instant when) {
        return new DeadLetter(
                id, stage, audit, unit, topic, partition, offset, code, reason, attempt, time, bytes, what, when);
    }

    private static @Nullable Message message(ConsumerRecord<String, byte[]> record) {
        try {
            return CloudEvent.fromJson(record.value()).data();
        } catch (PalimpsestException e) {
            return null;
        }
    }

    private static String text(ConsumerRecord<String, byte[]> record, String name, String otherwise) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? otherwise
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static long number(ConsumerRecord<String, byte[]> record, String name) {
        String text = text(record, name, "0");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }
}
