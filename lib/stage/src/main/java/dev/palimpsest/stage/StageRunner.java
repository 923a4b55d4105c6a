package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.spans.Spans;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes one record one unit with one effect: decode, look for a receipt, run, store the receipt, announce. It returns when the
 * record may be acknowledged, and throws only when the broker itself is away, so that the record is delivered again. A unit that
 * finds no space waits for it ({@link Patience}).
 */
public final class StageRunner {
    private static final Logger LOG = Logger.getLogger(StageRunner.class);

    private final ArtifactStore store;
    private final Announcer announcer;
    private final Control control;
    private final Retries retries;
    private final Metrics metrics;
    private final Spans spans;
    private final Path cache;
    private final Clock clock;
    private volatile boolean stopping;

    StageRunner(
            ArtifactStore store,
            Announcer announcer,
            Control control,
            Retries retries,
            MeterRegistry meters,
            Spans spans,
            Path cache,
            Clock clock) {
        this.store = store;
        this.announcer = announcer;
        this.control = control;
        this.retries = retries;
        this.metrics = new Metrics(meters, System::nanoTime);
        this.spans = spans;
        this.cache = cache;
        this.clock = clock;
    }

    /** The process ends soon: a unit that can stop where it is stores a checkpoint, as when its audit is paused, and announces the rest. */
    void stopping() {
        stopping = true;
    }

    /** Handles one record; see the class. */
    public void handle(ConsumerRecord<String, byte[]> record, UnitHandler handler) {
        Stage stage = handler.stage();
        @Nullable Message message = null;
        @Nullable Trace trace = null;
        try {
            metrics.waited(stage.id(), age(record));
            message = CloudEvent.fromJson(record.value()).data();
            hearResumption(record, message);
            trace = Trace.enter(record.headers(), stage, message);
            unit(stage, message, handler, trace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } catch (Exception e) {
            if (Thread.currentThread().isInterrupted()) {
                // The process ends. A file that could not be written then says nothing against the unit.
                throw interrupted(e);
            }
            if (message != null && wouldHaveWaited(e) && control.cancelled(message.audit())) {
                LOG.infof("%s of %s left out: cancelled", message.unit(), message.audit());
                return;
            }
            failed(stage, record, message, trace, e);
        } finally {
            if (trace != null) {
                trace.close();
            }
        }
    }

    private static boolean wouldHaveWaited(Exception failure) {
        return NoSpace.isIn(failure) || failure instanceof PalimpsestException known && known.retryable();
    }

    private static PalimpsestException interrupted(Exception e) {
        return new PalimpsestException(
                ErrorCode.BROKER_UNAVAILABLE, "Interrupted; the record will be delivered again", e);
    }

    private Duration age(ConsumerRecord<String, byte[]> record) {
        return Duration.ofMillis(Math.max(0, clock.millis() - record.timestamp()));
    }

    private void hearResumption(ConsumerRecord<String, byte[]> record, Message message) {
        Header header = record.headers().lastHeader(RecordHeaders.RESUMED_AT);
        if (header != null && header.value() != null) {
            try {
                control.resumed(message.audit(), Instant.parse(new String(header.value(), StandardCharsets.UTF_8)));
            } catch (DateTimeParseException e) {
                throw new PalimpsestException(
                        ErrorCode.BAD_MESSAGE, "The header " + RecordHeaders.RESUMED_AT + " is not a time", e);
            }
        }
    }

    private void unit(Stage stage, Message message, UnitHandler handler, Trace trace) throws Exception {
        Patience patience = new Patience(
                retries.pause(),
                () -> control.cancelled(message.audit()),
                text -> tell(stage, message, "waiting", text));
        ArtifactStore waiting = store.whenFull(patience);
        Receipts receipts = new Receipts(waiting);
        Optional<List<CloudEvent>> earlier = retries.call(patience::away, () -> receipts.find(stage, message));
        List<CloudEvent> announced;
        if (earlier.isPresent()) {
            announced = earlier.get();
            metrics.redelivered(stage.id());
        } else if (control.cancelled(message.audit()) || control.paused(message.audit())) {
            LOG.infof(
                    "%s of %s left out: %s",
                    message.unit(), message.audit(), control.paused(message.audit()) ? "paused" : "cancelled");
            return;
        } else {
            AtomicInteger attempts = new AtomicInteger(trace.attempt() - 1);
            try (Metrics.Unit unit = metrics.begin(stage.id())) {
                List<Message> messages = patience.call(() -> retries.call(
                        patience::away,
                        () -> handler.run(message, new Context(waiting, stage, message, attempts.incrementAndGet()))));
                if (control.cancelled(message.audit())) {
                    return;
                }
                List<CloudEvent> events = messages.stream()
                        .map(m -> CloudEvent.of(m, stage.id(), clock.instant()))
                        .toList();
                announced = retries.call(patience::away, () -> receipts.create(stage, message, events));
                unit.done();
                trace.ended(spans, null);
            }
        }
        if (patience.waited()) {
            tell(stage, message, "resumed", "goes on");
        }
        List<CloudEvent> events = announced;
        retries.call(patience::away, () -> {
            events.forEach(announcer::announce);
            return events;
        });
    }

    /** News of a unit that is not a piece of work. */
    private void tell(Stage stage, Message message, String state, String text) {
        AuditProgress progress =
                new AuditProgress(message.audit(), stage, message.unit(), 0, 1, "units", state, text, Map.of(), null);
        announcer.tell(CloudEvent.of(progress, stage.id(), clock.instant()));
    }

    private void failed(
            Stage stage,
            ConsumerRecord<String, byte[]> record,
            @Nullable Message message,
            @Nullable Trace trace,
            Exception failure) {
        if (failure instanceof PalimpsestException known && known.code() == ErrorCode.BROKER_UNAVAILABLE) {
            throw known;
        }
        String code =
                failure instanceof PalimpsestException known ? known.code().name() : ErrorCode.INTERNAL.name();
        String reason = failure instanceof PalimpsestException ? failure.getMessage() : failure.toString();
        LOG.errorf(
                failure instanceof PalimpsestException ? null : failure,
                "a record of %s goes to the dead letters: %s: %s",
                record.topic(),
                code,
                reason);
        metrics.deadLetter(stage.id(), code);
        if (trace != null) {
            trace.ended(spans, code);
        }
        new DeadLetters(announcer).put(stage, record, code, String.valueOf(reason));
        if (message != null) {
            AuditProgress progress = new AuditProgress(
                    message.audit(),
                    stage,
                    message.unit(),
                    0,
                    1,
                    "units",
                    "failed",
                    String.valueOf(reason),
                    Map.of(),
                    null);
            announcer.announce(CloudEvent.of(progress, stage.id(), clock.instant()));
        }
    }

    private final class Context implements UnitContext {
        private final ArtifactStore store;
        private final Stage stage;
        private final Message message;
        private final int attempt;

        Context(ArtifactStore store, Stage stage, Message message, int attempt) {
            this.store = store;
            this.stage = stage;
            this.message = message;
            this.attempt = attempt;
        }

        @Override
        public ArtifactStore store() {
            return store;
        }

        @Override
        public Path cache() {
            return cache;
        }

        @Override
        public boolean cancelled() {
            return control.cancelled(message.audit());
        }

        @Override
        public boolean paused() {
            return stopping || control.paused(message.audit());
        }

        @Override
        public void progress(
                String piece,
                long done,
                long total,
                String noun,
                String text,
                Map<String, Double> figures,
                @Nullable ArtifactRef preview) {
            figures.forEach((name, value) -> metrics.figure(stage.id(), name, value));
            String state = done >= total ? "done" : "running";
            Map<String, Double> told = new HashMap<>(figures);
            if (attempt > 1) {
                told.put("attempt", (double) attempt);
            }
            AuditProgress progress =
                    new AuditProgress(message.audit(), stage, piece, done, total, noun, state, text, told, preview);
            announcer.tell(CloudEvent.of(progress, stage.id(), clock.instant()));
        }
    }
}
