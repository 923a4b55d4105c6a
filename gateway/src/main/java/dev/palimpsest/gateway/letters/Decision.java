package dev.palimpsest.gateway.letters;

import java.time.Instant;

/**
 * What was decided about a dead letter; stored once, so that it is decided once.
 *
 * @param what {@code replayed} or {@code dropped}
 */
record Decision(int schemaVersion, String letter, String what, Instant when) {
    static final String REPLAYED = "replayed";
    static final String DROPPED = "dropped";
}
