package dev.palimpsest.gateway.letters;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.broker.RecordReader;
import dev.palimpsest.gateway.store.GatewayStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * All dead letters, read from their topics, and what was decided about each, read from the store. Thread-safe.
 *
 * <p>A letter is replayed once. Its record goes to the topic that it came from, and only then the decision is stored: a gateway that dies
 * in between sends a copy later, and a copy has no effect, since the unit then has its receipt. When the record fails again it comes
 * back as a new letter, with the next attempt.
 */
public final class DeadLetterBox {
    private static final String PREFIX = "dead-letters/";
    private static final int SCHEMA_VERSION = 1;
    private static final int LONGEST_PAYLOAD = 1 << 16;

    private final GatewayStore store;
    private final Announcer announcer;
    private final RecordReader reader;
    private final TriedAgain triedAgain;
    private final Map<String, DeadLetter> letters = new ConcurrentHashMap<>();

    public DeadLetterBox(GatewayStore store, Announcer announcer, RecordReader reader, TriedAgain triedAgain) {
        this.store = store;
        this.announcer = announcer;
        this.reader = reader;
        this.triedAgain = triedAgain;
    }

    /** Whether the record comes from a dead-letter topic. */
    public static boolean isLetter(ConsumerRecord<String, byte[]> record) {
        return record.topic().endsWith(".dead-letters");
    }

    /** Takes a record of a dead-letter topic in; a copy changes nothing. */
    public void add(ConsumerRecord<String, byte[]> record) {
        Arrays.stream(Stage.values())
                .filter(stage -> Topics.deadLetters(stage).equals(record.topic()))
                .map(stage -> DeadLetter.of(stage, record))
                .forEach(letter -> letters.putIfAbsent(letter.id(), letter));
    }

    /** The letters that are wanted, the newest first. */
    public List<DeadLetter> list(Predicate<DeadLetter> wanted) {
        refresh();
        return letters.values().stream()
                .filter(wanted)
                .sorted(Comparator.comparing(DeadLetter::time).reversed().thenComparing(DeadLetter::id))
                .toList();
    }

    /** @throws PalimpsestException NOT_FOUND */
    public DeadLetter get(String id) {
        refresh();
        return Optional.ofNullable(letters.get(id))
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND, "There is no dead letter '" + id + "'; 'palimpsest dlq list' shows all"));
    }

    /** The record's value as text, at most its first 64 KiB; bytes that are no text are shown as replacement characters. */
    public String payload(DeadLetter letter) {
        byte[] value = record(letter).value();
        return value == null
                ? ""
                : new String(value, 0, Math.min(value.length, LONGEST_PAYLOAD), StandardCharsets.UTF_8);
    }

    /**
     * Sends the record to its stage again; replaying a letter that was replayed changes nothing.
     *
     * @throws PalimpsestException CONFLICT when it was dropped, or did not come from a topic that a stage works on
     */
    public DeadLetter replay(String id) {
        DeadLetter letter = get(id);
        if (!letter.open()) {
            return require(letter, Decision.REPLAYED);
        }
        if (Topics.worker(letter.topic()).isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "The letter " + id + " came from '" + letter.topic() + "', where no stage works");
        }
        ConsumerRecord<String, byte[]> record = record(letter);
        if (letter.audit() != null && letter.unit() != null) {
            triedAgain.tell(new AuditId(letter.audit()), letter.stage(), letter.unit());
        }
        announcer.send(
                new ProducerRecord<>(letter.topic(), record.key(), record.value()),
                Map.of(RecordHeaders.ATTEMPT, Integer.toString(letter.attempt() + 1)));
        return require(decide(letter, Decision.REPLAYED), Decision.REPLAYED);
    }

    /**
     * Gives the record up; dropping it again changes nothing.
     *
     * @throws PalimpsestException CONFLICT when it was replayed
     */
    public DeadLetter drop(String id) {
        DeadLetter letter = get(id);
        return require(letter.open() ? decide(letter, Decision.DROPPED) : letter, Decision.DROPPED);
    }

    /** The open letter of a message that is about to be announced again counts as replayed; returns the attempt that this will be. */
    public int announcedAgain(Message message) {
        List<DeadLetter> same = list(letter -> letter.topic().equals(message.topic())
                && message.audit().value().equals(letter.audit())
                && message.unit().equals(letter.unit()));
        same.stream().filter(DeadLetter::open).forEach(letter -> decide(letter, Decision.REPLAYED));
        return 1 + same.stream().mapToInt(DeadLetter::attempt).max().orElse(0);
    }

    private ConsumerRecord<String, byte[]> record(DeadLetter letter) {
        String[] place = letter.id().substring(letter.stage().id().length() + 1).split("-", 2);
        return reader.read(Topics.deadLetters(letter.stage()), Integer.parseInt(place[0]), Long.parseLong(place[1]));
    }

    private DeadLetter decide(DeadLetter letter, String what) {
        String key = Keys.deadLetter(letter.id());
        try {
            var unused = store.store(
                    key,
                    new Decision(
                            SCHEMA_VERSION, letter.id(), what, Instant.now().truncatedTo(ChronoUnit.MILLIS)));
        } catch (PalimpsestException e) {
            // Somebody else decided at the same moment: what is stored counts.
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
        }
        return store.find(key).map(this::learn).orElse(letter);
    }

    private static DeadLetter require(DeadLetter letter, String decision) {
        if (!letter.state().equals(decision)) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT, "The letter " + letter.id() + " was " + letter.state() + " already");
        }
        return letter;
    }

    /** Reads what this or another gateway has decided meanwhile. */
    private void refresh() {
        for (String key : store.list(PREFIX)) {
            String id = key.substring(PREFIX.length(), key.length() - ".json".length());
            DeadLetter letter = letters.get(id);
            if (letter != null && letter.open()) {
                store.find(key).ifPresent(this::learn);
            }
        }
    }

    private DeadLetter learn(ArtifactRef ref) {
        Decision decision = store.read(ref, Decision.class);
        return letters.compute(decision.letter(), (id, letter) -> {
            if (letter == null) {
                throw new PalimpsestException(ErrorCode.NOT_FOUND, "There is no dead letter '" + id + "'");
            }
            return letter.open() ? letter.decided(decision.what(), decision.when()) : letter;
        });
    }
}
