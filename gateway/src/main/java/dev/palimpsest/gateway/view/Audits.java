package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** All audits, folded from messages. Thread-safe: one thread applies, many look. */
public final class Audits {
    private final Documents documents;
    private final Map<String, AuditState> states = new TreeMap<>();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    public Audits(Documents documents) {
        this.documents = documents;
    }

    /**
     * Folds one message in.
     *
     * @throws PalimpsestException when a document that it refers to cannot be read; nothing changed then, apply it again later
     */
    public void apply(CloudEvent event) {
        Message message = event.data();
        AuditView view;
        if (message instanceof Message.AuditRequested requested) {
            AuditRequest request = documents.read(requested.request(), AuditRequest.class);
            view = change(
                    message,
                    event.time(),
                    state -> state.requested(requested.request(), request.spec().name(), request.accepted()));
        } else if (message instanceof Message.SelectionReady ready) {
            Selection selection = documents.read(ready.selection(), Selection.class);
            view = change(message, event.time(), state -> state.selected(selection));
        } else if (message instanceof Message.TargetReady ready) {
            view = change(message, event.time(), state -> state.target(ready.target()));
        } else if (message instanceof Message.InversionReady ready) {
            view = change(message, event.time(), state -> state.inverted(ready));
        } else if (message instanceof Message.AuditProgress progress) {
            view = change(message, event.time(), state -> state.progressed(progress));
        } else if (message instanceof Message.AuditControl control) {
            view = change(message, event.time(), state -> {
                switch (control.action()) {
                    case CANCEL -> state.cancelled();
                    case RESUME -> state.resumed();
                    case PAUSE -> {}
                }
            });
        } else {
            throw new PalimpsestException(ErrorCode.BAD_MESSAGE, "The gateway does not follow " + message.topic());
        }
        subscriptions.stream()
                .filter(subscription -> subscription.audit.equals(view.id()))
                .forEach(subscription -> subscription.listener.accept(view));
    }

    /** Whether any message named this audit. */
    public synchronized boolean knows(AuditId audit) {
        return states.containsKey(audit.value());
    }

    /** The audit as people see it. */
    public synchronized Optional<AuditView> view(AuditId audit) {
        return Optional.ofNullable(states.get(audit.value())).map(AuditState::view);
    }

    /** Everything that a report needs. */
    public synchronized Optional<AuditSnapshot> snapshot(AuditId audit) {
        return Optional.ofNullable(states.get(audit.value()))
                .map(state -> new AuditSnapshot(
                        state.view(), state.request(), state.target(), state.selections(), state.pictures()));
    }

    /** The finished picture of an item, else its newest preview. */
    public synchronized Optional<ArtifactRef> picture(AuditId audit, String item) {
        return Optional.ofNullable(states.get(audit.value()))
                .flatMap(state -> Optional.ofNullable(state.picture(item)));
    }

    /** The newest first. */
    public synchronized List<AuditView> list() {
        return states.values().stream()
                .map(AuditState::view)
                .sorted(Comparator.comparing(
                                (AuditView view) -> view.requested() == null ? Instant.EPOCH : view.requested())
                        .reversed()
                        .thenComparing(AuditView::id))
                .toList();
    }

    /**
     * Calls the listener after every change of one audit, on the thread that applies it: it must be quick.
     *
     * @return closes the subscription
     */
    public AutoCloseable subscribe(AuditId audit, Consumer<AuditView> listener) {
        Subscription subscription = new Subscription(audit.value(), listener);
        subscriptions.add(subscription);
        return () -> subscriptions.remove(subscription);
    }

    private synchronized AuditView change(Message message, Instant time, Consumer<AuditState> change) {
        AuditState state = states.computeIfAbsent(message.audit().value(), id -> new AuditState(message.audit()));
        change.accept(state);
        state.touched(time);
        return state.view();
    }

    private record Subscription(String audit, Consumer<AuditView> listener) {}
}
