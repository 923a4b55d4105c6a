package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Selection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents that the next messages refer to side by side, before they are folded in one by one: a gateway that starts over ten
 * thousand audits would wait twenty thousand times for the store. Whatever could not be read ahead is read again when its turn comes, and
 * fails then.
 */
public final class ReadAhead implements Documents, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReadAhead.class);
    private static final int AT_ONCE = 8;
    private static final int MOST = 32;
    private static final long MOST_BYTES = 8L << 20;

    private final Documents documents;
    private final ExecutorService readers = Executors.newFixedThreadPool(AT_ONCE, task -> {
        Thread thread = new Thread(task, "read-ahead");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<ArtifactRef, Class<?>> waiting = new LinkedHashMap<>();
    private final Map<ArtifactRef, Future<?>> begun = new HashMap<>();

    public ReadAhead(Documents documents) {
        this.documents = documents;
    }

    /** Begins to read what these messages refer to, and forgets what was begun before. Called, like {@link #read}, by who folds them in. */
    public synchronized void begin(List<CloudEvent> events) {
        waiting.clear();
        begun.clear();
        for (CloudEvent event : events) {
            if (event.data() instanceof Message.AuditRequested requested) {
                waiting.putIfAbsent(requested.request(), AuditRequest.class);
            } else if (event.data() instanceof Message.SelectionReady ready) {
                waiting.putIfAbsent(ready.selection(), Selection.class);
            }
        }
        goOn();
    }

    /** Keeps as much in hand as fits; large documents are not many at once. */
    private void goOn() {
        long inHand = begun.keySet().stream().mapToLong(ArtifactRef::bytes).sum();
        for (Iterator<Map.Entry<ArtifactRef, Class<?>>> next =
                        waiting.entrySet().iterator();
                next.hasNext() && begun.size() < MOST && inHand < MOST_BYTES; ) {
            Map.Entry<ArtifactRef, Class<?>> one = next.next();
            next.remove();
            inHand += one.getKey().bytes();
            begun.put(one.getKey(), readers.submit(() -> documents.read(one.getKey(), one.getValue())));
        }
    }

    private synchronized @Nullable Future<?> take(ArtifactRef ref) {
        Future<?> taken = begun.remove(ref);
        if (taken != null) {
            goOn();
        }
        return taken;
    }

    @Override
    public <T> T read(ArtifactRef ref, Class<T> type) {
        Future<?> taken = take(ref);
        if (taken != null) {
            try {
                Object document = taken.get();
                if (type.isInstance(document)) {
                    return type.cast(document);
                }
            } catch (ExecutionException e) {
                LOG.debugf("%s could not be read ahead: %s", ref.key(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return documents.read(ref, type);
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }
}
