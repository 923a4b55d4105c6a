package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec.BudgetSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Erasure;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All audits, folded from messages. Thread-safe: one thread applies, many look. */
public final class Audits {
    private final Documents documents;
    private final Map<String, AuditState> states = new TreeMap<>();
    private final SortedSet<ListOrder> order = new TreeSet<>();
    private final Set<String> open = new HashSet<>();
    private final Map<BackboneUse, BackboneUse> backbones = new ConcurrentHashMap<>();
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
        AuditId audit = event.data().audit();
        change(audit, event.time(), fold(event))
                .ifPresent(view -> subscriptions.stream()
                        .filter(subscription -> subscription.audit.equals(audit.value()))
                        .forEach(subscription -> subscription.listener.accept(view)));
    }

    /** What a message changes; reads the documents that it refers to. */
    private Consumer<AuditState> fold(CloudEvent event) {
        Message message = event.data();
        if (erasure(message.audit()).isPresent()) {
            // The documents are gone, and nothing that they said may come back.
            return state -> {};
        }
        if (message instanceof Message.AuditRequested requested) {
            AuditRequest request = documents.read(requested.request(), AuditRequest.class);
            BackboneUse use = backbones.computeIfAbsent(BackboneUse.of(request), found -> found);
            return state -> state.requested(requested.request(), request, use);
        }
        if (message instanceof Message.SelectionReady ready) {
            Selection selection = documents.read(ready.selection(), Selection.class);
            return state -> state.selected(ready.selection(), selection);
        }
        if (message instanceof Message.TargetReady ready) {
            return state -> state.target(ready.target());
        }
        if (message instanceof Message.InversionReady ready) {
            return state -> state.inverted(ready);
        }
        if (message instanceof Message.AuditProgress progress) {
            return state -> state.progressed(progress);
        }
        if (message instanceof Message.AuditControl control && control.erasure() != null) {
            Erasure erasure = documents.read(control.erasure(), Erasure.class);
            return state -> {
                state.asked(control, event.time());
                state.erased(erasure);
            };
        }
        if (message instanceof Message.AuditControl control) {
            return state -> state.asked(control, event.time());
        }
        throw new PalimpsestException(ErrorCode.BAD_MESSAGE, "The gateway does not follow " + message.topic());
    }

    /** Whether any message named this audit. */
    public synchronized boolean knows(AuditId audit) {
        return states.containsKey(audit.value());
    }

    /** How many audits have not ended. */
    public synchronized int open() {
        return open.size();
    }

    /** What an audit may use, counted from a moment. */
    public record Budget(AuditId audit, BudgetSpec most, Instant since) {}

    /** The budgets of audits that have not ended. */
    public synchronized List<Budget> budgets() {
        return open.stream()
                .map(id -> Objects.requireNonNull(states.get(id)).budget())
                .filter(Objects::nonNull)
                .toList();
    }

    /** Whose audit it is; null: nobody's in particular, or not known. */
    public synchronized @Nullable String tenant(String audit) {
        AuditState state = states.get(audit);
        return state == null ? null : state.tenant();
    }

    /** The audit as people see it. */
    public synchronized Optional<AuditView> view(AuditId audit) {
        return Optional.ofNullable(states.get(audit.value())).map(AuditState::view);
    }

    /** When the owner last asked for something; the epoch when never. */
    public synchronized Instant askedAt(AuditId audit) {
        AuditState state = states.get(audit.value());
        return state == null ? Instant.EPOCH : state.askedAt();
    }

    /** How the figures of its pieces of work went; empty for an audit that is not known. */
    public synchronized List<CurveView> curves(AuditId audit) {
        AuditState state = states.get(audit.value());
        return state == null ? List.of() : state.curves();
    }

    /** What is left of the audit if it was erased. */
    public synchronized Optional<Erasure> erasure(AuditId audit) {
        return Optional.ofNullable(states.get(audit.value())).map(AuditState::erasure);
    }

    /** Audits that were erased after this moment. */
    public synchronized List<AuditId> erasedSince(Instant moment) {
        return states.values().stream()
                .map(AuditState::erasure)
                .filter(erasure -> erasure != null && erasure.erased().isAfter(moment))
                .map(erasure -> Objects.requireNonNull(erasure).audit())
                .toList();
    }

    /** The requests of all audits that were not erased. */
    public synchronized Map<AuditId, ArtifactRef> requests() {
        Map<AuditId, ArtifactRef> requests = new LinkedHashMap<>();
        states.forEach((id, state) -> {
            ArtifactRef request = state.request();
            if (request != null) {
                requests.put(new AuditId(id), request);
            }
        });
        return requests;
    }

    /** The list's lines of all that fit, in no order. */
    public synchronized List<AuditLine> lines(Predicate<AuditLine> wanted) {
        return states.values().stream().map(AuditState::line).filter(wanted).toList();
    }

    /**
     * Everything that a report needs.
     *
     * @throws PalimpsestException when a selection cannot be read; NOT_FOUND when the audit was erased
     */
    public Optional<AuditSnapshot> snapshot(AuditId audit) {
        AuditView view;
        ArtifactRef request;
        ArtifactRef target;
        List<ArtifactRef> selections;
        Map<String, Message.InversionReady> pictures;
        synchronized (this) {
            AuditState state = states.get(audit.value());
            if (state == null) {
                return Optional.empty();
            }
            if (state.erasure() != null) {
                throw erased(state.erasure());
            }
            view = state.view();
            request = state.request();
            target = state.target();
            selections = state.selectionRefs();
            pictures = state.pictures();
        }
        return Optional.of(new AuditSnapshot(
                view,
                request,
                target,
                selections.stream()
                        .map(ref -> documents.read(ref, Selection.class))
                        .toList(),
                pictures));
    }

    /** Every backbone that audits use, with those audits, the newest first. */
    public synchronized Map<BackboneUse, List<AuditLine>> backbones() {
        Map<BackboneUse, List<AuditLine>> uses = new LinkedHashMap<>();
        for (ListOrder place : order) {
            AuditState state = Objects.requireNonNull(states.get(place.id()));
            BackboneUse use = state.backbone();
            if (use != null) {
                uses.computeIfAbsent(use, first -> new ArrayList<>()).add(state.line());
            }
        }
        return uses;
    }

    /** The finished picture of an item, else its newest preview. */
    public synchronized Optional<ArtifactRef> picture(AuditId audit, String item) {
        return Optional.ofNullable(states.get(audit.value()))
                .flatMap(state -> Optional.ofNullable(state.picture(item)));
    }

    /**
     * A page of the list, the newest first.
     *
     * @param cursor {@code next} of the page before; empty for the first page
     * @param wanted which audits to list
     */
    public synchronized AuditPage page(String cursor, int limit, Predicate<AuditLine> wanted) {
        SortedSet<ListOrder> rest = cursor.isEmpty() ? order : order.tailSet(ListOrder.of(cursor));
        List<AuditLine> lines = new ArrayList<>();
        for (ListOrder place : rest) {
            AuditLine line = Objects.requireNonNull(states.get(place.id())).line();
            if (wanted.test(line)) {
                if (lines.size() == limit) {
                    return new AuditPage(lines, place.cursor(), order.size());
                }
                lines.add(line);
            }
        }
        return new AuditPage(lines, null, order.size());
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

    /** Says that nothing of an audit is left. */
    public static PalimpsestException erased(Erasure erasure) {
        return new PalimpsestException(
                ErrorCode.NOT_FOUND,
                "Audit %s was erased on %s (by: %s): nothing of it is left"
                        .formatted(erasure.audit(), erasure.erased(), erasure.by()));
    }

    /** Returns the view when somebody follows the audit; who subscribes later looks at it anyway. */
    private synchronized Optional<AuditView> change(AuditId audit, Instant time, Consumer<AuditState> change) {
        AuditState state = states.computeIfAbsent(audit.value(), id -> new AuditState(audit));
        order.remove(state.place());
        change.accept(state);
        state.touched(time);
        order.add(state.place());
        if (state.state().terminal()) {
            open.remove(audit.value());
        } else {
            open.add(audit.value());
        }
        boolean followed = subscriptions.stream().anyMatch(subscription -> subscription.audit.equals(audit.value()));
        return followed ? Optional.of(state.view()) : Optional.empty();
    }

    private record Subscription(String audit, Consumer<AuditView> listener) {}
}
