package dev.palimpsest.contracts;

/** Names of the Kafka headers that travel beside a {@link CloudEvent}; their values are text. */
public final class RecordHeaders {
    /**
     * On a unit that is announced again because its owner resumed the audit: the time of that word in ISO 8601. Such a unit may reach a
     * worker before the word itself does, and then is the word.
     */
    public static final String RESUMED_AT = "resumed-at";

    /** How often the unit was sent to its topic, from 1; absent the first time. */
    public static final String ATTEMPT = "attempt";

    /**
     * How much of a worker's time the audit gets beside others, as a whole number from 1 to {@link #LARGEST_SHARE}; absent: 1. Stages hand it
     * on to what they announce.
     */
    public static final String SHARE = "share";

    public static final int LARGEST_SHARE = 100;

    /** On a dead letter: why, as {@link ErrorCode}. */
    public static final String DEAD_LETTER_CODE = "dead-letter-code";

    /** On a dead letter: why, in one sentence. */
    public static final String DEAD_LETTER_REASON = "dead-letter-reason";

    /** On a dead letter: the topic that the record came from; likewise its partition and offset there. */
    public static final String DEAD_LETTER_TOPIC = "dead-letter-topic";

    public static final String DEAD_LETTER_PARTITION = "dead-letter-partition";

    public static final String DEAD_LETTER_OFFSET = "dead-letter-offset";

    /** On a dead letter: which attempt it was, from 1. */
    public static final String DEAD_LETTER_ATTEMPT = "dead-letter-attempt";

    private RecordHeaders() {}
}
