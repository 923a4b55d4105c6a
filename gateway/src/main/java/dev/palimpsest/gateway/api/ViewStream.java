package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.Audits;
import io.vertx.core.Vertx;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows one audit. One event is on its way at a time; what changes meanwhile is sent once, as the newest view.
 */
final class ViewStream {
    private static final Logger LOG = Logger.getLogger(ViewStream.class);

    private final SseEventSink sink;
    private final Sse sse;
    private @Nullable AutoCloseable subscription;
    private @Nullable AuditView waiting;
    private long sent = -1;
    private boolean sending;
    private boolean closed;

    private ViewStream(SseEventSink sink, Sse sse) {
        this.sink = sink;
        this.sse = sse;
    }

    /**
     * Begins when the caller has returned, which is on an event loop and not done in between: an audit that has ended closes the
     * sink at once, and the framework still writes the head of a response whose method returns.
     */
    static void open(Audits audits, AuditId audit, @Nullable String lastEventId, SseEventSink sink, Sse sse) {
        Vertx.currentContext().runOnContext(returned -> new ViewStream(sink, sse).begin(audits, audit, lastEventId));
    }

    private void begin(Audits audits, AuditId audit, @Nullable String lastEventId) {
        AutoCloseable subscribed = audits.subscribe(audit, this::offer);
        boolean over;
        synchronized (this) {
            subscription = subscribed;
            over = closed;
        }
        if (over) {
            close();
            return;
        }
        audits.view(audit).ifPresent(view -> {
            boolean seen = String.valueOf(view.version()).equals(lastEventId);
            if (!seen || view.state().terminal()) {
                offer(view);
            }
        });
    }

    private void offer(AuditView view) {
        synchronized (this) {
            if (closed || view.version() <= sent || (waiting != null && waiting.version() >= view.version())) {
                return;
            }
            waiting = view;
        }
        sendNext();
    }

    private void sendNext() {
        AuditView view;
        synchronized (this) {
            if (sending || closed || waiting == null) {
                return;
            }
            view = waiting;
            waiting = null;
            sending = true;
            sent = view.version();
        }
        if (sink.isClosed()) {
            close();
            return;
        }
        OutboundSseEvent event = sse.newEventBuilder()
                .name("audit")
                .id(String.valueOf(view.version()))
                .mediaType(MediaType.APPLICATION_JSON_TYPE)
                .data(AuditView.class, view)
                .build();
        sink.send(event).whenComplete((done, failure) -> sent(view, failure));
    }

    private void sent(AuditView view, @Nullable Throwable failure) {
        if (failure != null || view.state().terminal()) {
            close();
            return;
        }
        synchronized (this) {
            sending = false;
        }
        sendNext();
    }

    private void close() {
        AutoCloseable toClose;
        synchronized (this) {
            closed = true;
            toClose = subscription;
        }
        try (sink) {
            if (toClose != null) {
                toClose.close();
            }
        } catch (Exception e) {
            LOG.debug("The client was gone", e);
        }
    }
}
