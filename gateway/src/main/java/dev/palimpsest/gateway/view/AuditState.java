package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec.BudgetSpec;
import dev.palimpsest.contracts.Erasure;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.Message.AuditProgress;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.view.AuditView.PictureView;
import dev.palimpsest.gateway.view.AuditView.PieceView;
import dev.palimpsest.gateway.view.AuditView.StageView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything known of one audit. Messages of different topics arrive in any order after a restart, so nothing here depends on the
 * order between topics; copies change nothing. Not thread-safe.
 */
final class AuditState {
    /** The unit of a selection from part of the candidates; a better one follows, so that it may fail. */
    private static final String EARLY = "first";

    private final AuditId id;
    private final Map<Stage, Map<String, AuditProgress>> pieces = new EnumMap<>(Stage.class);
    private final Map<Stage, String> waiting = new EnumMap<>(Stage.class);
    private final Map<String, InversionReady> pictures = new TreeMap<>();
    private final Curves curves = new Curves();
    private String name = "";
    private @Nullable String tenant;
    private @Nullable Instant requested;
    private @Nullable Instant updated;
    private @Nullable ArtifactRef request;
    private @Nullable ArtifactRef target;
    private @Nullable Chosen first;
    private @Nullable Chosen last;
    private @Nullable BackboneUse backbone;
    private AuditControl.Action word = AuditControl.Action.RESUME;
    private Instant wordAt = Instant.EPOCH;
    private @Nullable String wordFor;
    private @Nullable BudgetSpec budget;
    private @Nullable Erasure erasure;
    private long version;

    AuditState(AuditId id) {
        this.id = id;
        for (Stage stage : Stage.values()) {
            pieces.put(stage, new LinkedHashMap<>());
        }
    }

    void requested(ArtifactRef ref, AuditRequest document, BackboneUse use) {
        request = ref;
        name = document.spec().name();
        requested = document.accepted();
        tenant = document.tenant();
        backbone = use;
        budget = document.spec().budget();
    }

    /** What it may use, and since when; null: anything. */
    Audits.@Nullable Budget budget() {
        if (budget == null || requested == null) {
            return null;
        }
        boolean again = word == AuditControl.Action.RESUME && wordAt.isAfter(requested);
        return new Audits.Budget(id, budget, again ? wordAt : requested);
    }

    @Nullable
    String tenant() {
        return tenant;
    }

    void target(ArtifactRef ref) {
        target = ref;
    }

    void selected(ArtifactRef ref, Selection selection) {
        if (selection.last()) {
            last = Chosen.of(ref, selection);
        } else {
            first = Chosen.of(ref, selection);
        }
    }

    void inverted(InversionReady ready) {
        pictures.put(ready.item(), ready);
    }

    void progressed(AuditProgress progress) {
        switch (progress.state()) {
            case "waiting" -> waiting.put(progress.stage(), progress.text());
            case "resumed" -> {
                waiting.remove(progress.stage());
                of(progress.stage())
                        .computeIfPresent(
                                progress.piece(), (name, piece) -> piece.state().equals("failed") ? null : piece);
            }
            default -> {
                waiting.remove(progress.stage());
                piece(progress);
            }
        }
    }

    private void piece(AuditProgress progress) {
        curves.add(progress);
        Map<String, AuditProgress> stage = of(progress.stage());
        AuditProgress before = stage.get(progress.piece());
        // A unit that ran twice tells its old news again.
        if (before == null || progress.done() >= before.done()) {
            boolean copyOfEarlier = before != null
                    && progress.done() == before.done()
                    && !before.state().equals("running");
            if (!copyOfEarlier) {
                stage.put(progress.piece(), progress);
            }
        }
    }

    /** What was asked for; an older word that comes later changes nothing. */
    void asked(AuditControl control, Instant when) {
        if (!when.isBefore(wordAt)) {
            word = control.action();
            wordAt = when;
            wordFor = control.reason();
        }
    }

    /** When the owner last asked for something; the epoch when never. */
    Instant askedAt() {
        return wordAt;
    }

    /** Forgets all that was known; what is told later changes nothing. */
    void erased(Erasure document) {
        erasure = document;
        pieces.values().forEach(Map::clear);
        waiting.clear();
        pictures.clear();
        curves.clear();
        name = "";
        tenant = document.tenant();
        requested = document.requested();
        updated = document.erased();
        request = null;
        target = null;
        first = null;
        last = null;
        backbone = null;
    }

    @Nullable
    Erasure erasure() {
        return erasure;
    }

    /** Marks a change that people can see. */
    void touched(Instant when) {
        version++;
        if (updated == null || when.isAfter(updated)) {
            updated = when;
        }
    }

    @Nullable
    ArtifactRef request() {
        return request;
    }

    @Nullable
    ArtifactRef target() {
        return target;
    }

    /** The documents of the selections, the last one first; empty before any. */
    List<ArtifactRef> selectionRefs() {
        return selections().map(Chosen::ref).toList();
    }

    private Stream<Chosen> selections() {
        return Stream.of(Optional.ofNullable(last), Optional.ofNullable(first)).flatMap(Optional::stream);
    }

    @Nullable
    BackboneUse backbone() {
        return backbone;
    }

    List<CurveView> curves() {
        return curves.views();
    }

    /** Finished pictures that the newest selection asks for; before any selection, all. */
    Map<String, InversionReady> pictures() {
        Selection selection = newest();
        if (selection == null) {
            return pictures;
        }
        Map<String, InversionReady> wanted = new TreeMap<>(pictures);
        wanted.keySet().retainAll(selection.items());
        return wanted;
    }

    /** The finished picture of an item, else the newest preview of it. */
    @Nullable
    ArtifactRef picture(String item) {
        InversionReady ready = pictures.get(item);
        if (ready != null) {
            return ready.picture();
        }
        AuditProgress progress = of(Stage.INVERT).get(item);
        return progress == null ? null : progress.preview();
    }

    ListOrder place() {
        return new ListOrder(requested == null ? Instant.EPOCH : requested, id.value());
    }

    AuditLine line() {
        Selection selection = newest();
        return new AuditLine(
                id.value(),
                name,
                state(),
                requested,
                updated,
                last == null || last.selection().verdict() == null
                        ? null
                        : last.selection().verdict().grade(),
                selection == null
                        ? pictures.size()
                        : (int) selection.inversions().stream()
                                .filter(inversion -> pictures.containsKey(inversion.item()))
                                .count(),
                selection == null ? 0 : selection.inversions().size(),
                failures().size(),
                backbone == null ? "" : backbone.name());
    }

    AuditView view() {
        List<StageView> stages = Arrays.stream(Stage.values())
                .map(stage -> new StageView(stage, stageState(stage), pieceViews(stage)))
                .toList();
        Selection selection = newest();
        return new AuditView(
                id.value(),
                name,
                state(),
                version,
                requested,
                updated,
                stages,
                last == null || last.selection().verdict() == null
                        ? null
                        : VerdictView.of(last.selection().verdict()),
                Gallery.of(selections().map(Chosen::selection).toList(), pictures()).stream()
                        .map(entry -> PictureView.of(id, entry))
                        .toList(),
                selection == null ? 0 : selection.inversions().size(),
                failures(),
                waits(),
                backbone == null ? "" : backbone.name(),
                erasure == null ? null : new AuditView.ErasureView(erasure.erased(), erasure.by()));
    }

    /** The state from what is there, whatever came first. */
    State state() {
        if (erasure != null) {
            return State.ERASED;
        }
        if (done(Stage.INVERT)) {
            return State.DONE;
        }
        if (word == AuditControl.Action.CANCEL) {
            return State.CANCELLED;
        }
        if (failed(Stage.EMBED) || failed(Stage.RECONSTRUCT) || failed(Stage.SELECT)) {
            return State.FAILED;
        }
        if (word == AuditControl.Action.PAUSE) {
            return State.PAUSED;
        }
        if (done(Stage.SELECT)) {
            return State.INVERTING;
        }
        if (running(Stage.SELECT)) {
            return State.SELECTING;
        }
        if (target != null || heardOf(Stage.RECONSTRUCT)) {
            return State.RECONSTRUCTING;
        }
        return heardOf(Stage.EMBED) ? State.EMBEDDING : State.REQUESTED;
    }

    private String stageState(Stage stage) {
        if (done(stage)) {
            return "done";
        }
        if (failed(stage)) {
            return "failed";
        }
        return heardOf(stage) ? "running" : "waiting";
    }

    /** Whether a stage has given all that it is there for. */
    private boolean done(Stage stage) {
        return switch (stage) {
            case EMBED -> target != null;
            case RECONSTRUCT, SELECT -> last != null;
            case INVERT ->
                last != null
                        && last.selection().items().stream()
                                .allMatch(item -> pictures.containsKey(item) || inversionFailed(item));
        };
    }

    /** A failed piece fails its stage, unless the stage came to its result nevertheless. One picture does not fail the others. */
    private boolean failed(Stage stage) {
        return stage != Stage.INVERT
                && !done(stage)
                && of(stage).values().stream()
                        .anyMatch(piece -> piece.state().equals("failed")
                                && !(stage == Stage.SELECT && piece.piece().equals(EARLY)));
    }

    private Map<String, AuditProgress> of(Stage stage) {
        return Objects.requireNonNull(pieces.get(stage));
    }

    private boolean inversionFailed(String item) {
        return of(Stage.INVERT).values().stream()
                .anyMatch(piece -> piece.state().equals("failed")
                        && (piece.piece().equals(item) || piece.piece().startsWith(item + "-")));
    }

    private boolean running(Stage stage) {
        return of(stage).values().stream().anyMatch(piece -> piece.state().equals("running"));
    }

    private boolean heardOf(Stage stage) {
        return !of(stage).isEmpty() || waiting.containsKey(stage) || (stage == Stage.INVERT && !pictures.isEmpty());
    }

    private @Nullable Selection newest() {
        return selections().findFirst().map(Chosen::selection).orElse(null);
    }

    /** A piece that had no need to go to its end is over with its stage. */
    private List<PieceView> pieceViews(Stage stage) {
        Collection<AuditProgress> all = of(stage).values();
        boolean over = done(stage);
        return all.stream()
                .map(piece -> new PieceView(
                        piece.piece(),
                        piece.done(),
                        piece.total(),
                        piece.noun(),
                        over && piece.state().equals("running") ? "done" : piece.state(),
                        piece.text(),
                        piece.figures(),
                        piece.preview()))
                .toList();
    }

    private List<String> failures() {
        Stream<String> stopped = state() == State.CANCELLED && wordFor != null ? Stream.of(wordFor) : Stream.of();
        Stream<String> failed = pieces.entrySet().stream()
                .flatMap(stage -> stage.getValue().values().stream()
                        .filter(piece -> piece.state().equals("failed"))
                        .map(piece -> stage.getKey().id() + " " + piece.piece() + ": " + piece.text()));
        return Stream.concat(stopped, failed).toList();
    }

    private List<String> waits() {
        return waiting.entrySet().stream()
                .filter(stage -> !done(stage.getKey()))
                .map(stage -> stage.getKey().id() + " " + stage.getValue())
                .toList();
    }
}
