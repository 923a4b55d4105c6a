package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Erasure;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.Audits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jboss.logging.Logger;

/**
 * Deletes audits: all that they stored, and the uploads that no other audit uses. First the {@link Erasure} is stored, then every stage is
 * told, then objects are deleted, the request last since it names the uploads: an erasure that is interrupted is finished by asking again.
 */
public final class Eraser {
    private static final Logger LOG = Logger.getLogger(Eraser.class);
    private static final int SCHEMA_VERSION = 1;

    /** A unit that a stage had in hand may store its results after its audit was erased; no unit is as long as this. */
    private static final Duration LATE = Duration.ofHours(24);

    private final Audits audits;
    private final GatewayStore store;
    private final Words words;
    private final Uploads uploads;
    private final Clock clock;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    public Eraser(Audits audits, GatewayStore store, Announcer announcer, Clock clock) {
        this.audits = audits;
        this.store = store;
        this.words = new Words(audits, announcer, clock);
        this.uploads = new Uploads(store);
        this.clock = clock;
    }

    /** Keeps uploads where they are until it is closed: between the look whether a submission's files are there and its announcement. */
    public Pause pause() {
        lock.readLock().lock();
        return () -> lock.readLock().unlock();
    }

    /** See {@link #pause}. */
    public interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Erases an audit that has ended; one that was erased stays as it is.
     *
     * @param by who asks for it
     * @throws PalimpsestException NOT_FOUND; CONFLICT while it has not ended
     */
    public Erasure erase(AuditId audit, String by) {
        return erase(List.of(audit), by).get(0);
    }

    /** As {@link #erase(AuditId, String)}, of several: what all other audits use is looked at once. */
    public List<Erasure> erase(List<AuditId> several, String by) {
        lock.writeLock().lock();
        try {
            Map<AuditId, ArtifactRef> all = audits.requests();
            List<Erasure> erasures = new ArrayList<>();
            for (AuditId audit : several) {
                erasures.add(begin(audit, by));
            }
            finish(several, all);
            return erasures;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Deletes what came late of audits that were erased not long ago. */
    public void sweep() {
        Instant since = clock.instant().minus(LATE);
        for (AuditId audit : audits.erasedSince(since)) {
            if (Keys.of(audit).stream().anyMatch(prefix -> !store.list(prefix).isEmpty())) {
                lock.writeLock().lock();
                try {
                    finish(List.of(audit), audits.requests());
                } finally {
                    lock.writeLock().unlock();
                }
            }
        }
    }

    private Erasure begin(AuditId audit, String by) {
        Optional<Erasure> earlier = audits.erasure(audit);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        AuditView view = audits.view(audit)
                .orElseThrow(() -> new PalimpsestException(ErrorCode.NOT_FOUND, "There is no audit " + audit));
        if (!view.state().terminal()) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "Audit " + audit + " is " + view.state().id() + ": wait for its end or cancel it, then erase it");
        }
        ArtifactRef stored = store(new Erasure(
                SCHEMA_VERSION,
                audit,
                view.requested(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                by,
                audits.tenant(audit.value())));
        words.say(AuditControl.erased(audit, stored));
        return store.read(stored, Erasure.class);
    }

    /** What another gateway stored at the same moment counts. */
    private ArtifactRef store(Erasure erasure) {
        String key = Keys.erasure(erasure.audit());
        try {
            return store.store(key, erasure);
        } catch (PalimpsestException e) {
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
            return store.find(key).orElseThrow(() -> e);
        }
    }

    private void finish(List<AuditId> erased, Map<AuditId, ArtifactRef> all) {
        Map<AuditId, ArtifactRef> mine = new HashMap<>();
        for (AuditId audit : erased) {
            store.find(Keys.request(audit)).ifPresent(request -> mine.put(audit, request));
        }
        Set<String> alone = uploads.onlyOf(mine, all);
        store.delete(List.copyOf(alone));
        for (AuditId audit : erased) {
            List<String> keys = new ArrayList<>();
            Keys.of(audit).forEach(prefix -> keys.addAll(store.list(prefix)));
            keys.remove(Keys.request(audit));
            store.delete(keys);
            store.delete(List.of(Keys.request(audit)));
            LOG.infof("audit %s erased: %d objects", audit, keys.size());
        }
        LOG.infof("%d uploads erased that no other audit uses", alone.size());
    }
}
