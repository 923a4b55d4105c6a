package dev.palimpsest.stage;

import dev.palimpsest.contracts.CloudEvent;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Puts records on topics. */
public interface Announcer {
    /**
     * Sends a message and returns when the broker has acknowledged it.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException BROKER_UNAVAILABLE
     */
    void announce(CloudEvent event);

    /** Sends a message that may get lost, without waiting. */
    void tell(CloudEvent event);

    /** Sends a record as it is and returns when the broker has acknowledged it. */
    void send(ProducerRecord<String, byte[]> record);
}
