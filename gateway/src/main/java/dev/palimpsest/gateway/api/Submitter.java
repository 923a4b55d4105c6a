package dev.palimpsest.gateway.api;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.control.Eraser;
import dev.palimpsest.gateway.control.Shares;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.Audits;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Accepts audits. The same idempotency key is the same audit: its request is stored once, and it is announced by whoever stored
 * it - or by a later copy, when the first one stored it but died before announcing.
 */
@Singleton
public final class Submitter {
    private final GatewayStore store;
    private final Announcer announcer;
    private final Audits audits;
    private final Eraser eraser;
    private final Shares shares;
    private final Intake intake;
    private final Set<AuditId> announced = ConcurrentHashMap.newKeySet();

    Submitter(
            GatewayStore store,
            Announcer announcer,
            Audits audits,
            Eraser eraser,
            Shares shares,
            @ConfigProperty(name = "palimpsest.intake.at-once", defaultValue = "8") int atOnce,
            @ConfigProperty(name = "palimpsest.intake.open-audits", defaultValue = "1000") int openAudits) {
        this.store = store;
        this.announcer = announcer;
        this.audits = audits;
        this.eraser = eraser;
        this.shares = shares;
        this.intake = new Intake(atOnce, openAudits, audits::open);
    }

    /**
     * Accepts the submission and returns its audit.
     *
     * @param tenant whose audit it becomes; null: nobody's in particular. Each has idempotency keys of its own
     * @param key the client's idempotency key; without one every call is a new audit
     * @throws PalimpsestException BAD_SPEC, USAGE, NOT_FOUND for a file that was not uploaded, CONFLICT when the key was used
     *     for something else or its audit was erased, BUSY when more is asked for than is taken on
     */
    AuditId submit(@Nullable String tenant, @Nullable String key, InputStream body) throws IOException {
        try (Intake.Visit visit = intake.enter()) {
            return submit(tenant, key, body, visit);
        }
    }

    private AuditId submit(@Nullable String tenant, @Nullable String key, InputStream body, Intake.Visit visit)
            throws IOException {
        String own = key == null ? UUID.randomUUID().toString() : key;
        AuditId id = id(tenant == null ? own : tenant + "\n" + own);
        Submission submission = Submission.read(id, Instant.now().truncatedTo(ChronoUnit.MILLIS), tenant, body);
        Optional<ArtifactRef> existing = store.find(Keys.request(id));
        if (existing.isPresent()) {
            again(submission, existing.get());
        } else {
            store.find(Keys.erasure(id)).ifPresent(erased -> {
                throw wasErased(id);
            });
            visit.admitNew();
            try (Eraser.Pause pause = eraser.pause()) {
                store.requireAll(submission.refs());
                ImageManifest manifest = submission.request().manifest();
                if (manifest != null) {
                    SampleCheck.require(manifest, store);
                }
                store(submission);
            }
        }
        return id;
    }

    /** Two studies that have a cell in common may send it at the same moment: the second finds what the first stored. */
    private void store(Submission submission) {
        AuditId id = submission.request().audit();
        ArtifactRef stored;
        try {
            stored = store.store(Keys.request(id), submission.request());
        } catch (PalimpsestException e) {
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
            again(submission, store.find(Keys.request(id)).orElseThrow(() -> e));
            return;
        }
        announce(submission, stored);
    }

    private void again(Submission submission, ArtifactRef existing) {
        AuditId id = submission.request().audit();
        if (!submission.asksTheSame(store.read(existing, AuditRequest.class))) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "The Idempotency-Key was used for another submission, audit " + id + ": use a new key");
        }
        if (!announced.contains(id) && !audits.knows(id)) {
            announce(submission, existing);
        }
    }

    private static PalimpsestException wasErased(AuditId id) {
        return new PalimpsestException(
                ErrorCode.CONFLICT,
                "The same was submitted before, as audit " + id
                        + ", and was erased: a new Idempotency-Key (palimpsest submit --again) makes a new audit of it");
    }

    private void announce(Submission submission, ArtifactRef request) {
        AuditId id = submission.request().audit();
        Message requested = new Message.AuditRequested(id, request);
        announcer.announce(
                CloudEvent.of(requested, "gateway", Instant.now()),
                shares.headers(submission.request().tenant()));
        announced.add(id);
        // Whoever has the answer may look at once: the view must not wait for the message to come back from the broker.
        audits.apply(CloudEvent.of(requested, "gateway", Instant.now()));
    }

    /** "a" and the first 15 hexadecimal digits of the key's SHA-256. */
    static AuditId id(String key) {
        return new AuditId(
                "a" + Digests.sha256(key.getBytes(StandardCharsets.UTF_8)).substring(0, 15));
    }
}
