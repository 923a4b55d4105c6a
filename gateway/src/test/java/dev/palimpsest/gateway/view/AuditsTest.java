package dev.palimpsest.gateway.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Erasure;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditsTest {
    private static final ArtifactRef TARGET = Made.ref("targets/a/target.json", '1');
    private static final ArtifactRef FIRST = Made.ref("audits/a/first.json", '2');
    private static final ArtifactRef LAST = Made.ref("audits/a/last.json", '3');
    private static final ArtifactRef ROWS_FIRST = Made.ref("audits/a/first.safetensors", '4');
    private static final ArtifactRef ROWS_LAST = Made.ref("audits/a/last.safetensors", '5');
    private static final ArtifactRef PICTURE = Made.ref("audits/a/picture.png", '6');

    private final Map<ArtifactRef, Object> stored = new HashMap<>();
    private final Audits audits = new Audits(this::read);

    AuditsTest() {
        stored.put(
                FIRST,
                Made.selection(
                        false,
                        ROWS_FIRST,
                        List.of("hen.jpg", "fish.jpg"),
                        List.of(0.8, 0.7),
                        Collections.nCopies(2, null),
                        List.of(new Inversion("one", ROWS_FIRST, 1)),
                        null));
        stored.put(
                LAST,
                Made.selection(
                        true,
                        ROWS_LAST,
                        List.of("gorilla.jpg", "opera.jpg"),
                        List.of(0.6, 0.9),
                        Collections.nCopies(2, null),
                        List.of(new Inversion("one", ROWS_FIRST, 1), new Inversion("two", ROWS_LAST, 1)),
                        Made.verdict()));
    }

    @Test
    void tellsWhatAStageWaitsForUntilItGoesOn() {
        apply(Made.progress(Stage.EMBED, "images", 4, "running"));
        apply(Made.progress(Stage.EMBED, "request", 0, "waiting"));
        assertThat(view().waits()).containsExactly("embed waiting request");
        assertThat(view().stages().get(0).pieces())
                .extracting(AuditView.PieceView::piece, AuditView.PieceView::state)
                .containsExactly(tuple("images", "running"));

        apply(Made.progress(Stage.EMBED, "request", 0, "resumed"));
        assertThat(view().waits()).isEmpty();

        apply(Made.progress(Stage.EMBED, "request", 0, "waiting"));
        apply(Made.progress(Stage.EMBED, "images", 5, "running"));
        assertThat(view().waits()).isEmpty();
        assertThat(view().failures()).isEmpty();
    }

    @Test
    void aStageThatHasOnlyWaitedSoFarIsAtWork() {
        apply(Made.progress(Stage.EMBED, "request", 0, "waiting"));
        assertThat(view().state()).isEqualTo(State.EMBEDDING);
        apply(new Message.TargetReady(Made.AUDIT, TARGET));
        assertThat(view().waits()).isEmpty();
    }

    @Test
    void goesThroughTheStates() {
        apply(Made.progress(Stage.EMBED, "embed", 3, "running"));
        assertThat(state()).isEqualTo(State.EMBEDDING);

        apply(new Message.TargetReady(Made.AUDIT, TARGET));
        assertThat(state()).isEqualTo(State.RECONSTRUCTING);

        apply(new Message.SelectionReady(Made.AUDIT, FIRST, false));
        assertThat(state()).isEqualTo(State.RECONSTRUCTING);

        apply(Made.progress(Stage.SELECT, "last", 1, "running"));
        assertThat(state()).isEqualTo(State.SELECTING);

        apply(new Message.SelectionReady(Made.AUDIT, LAST, true));
        assertThat(state()).isEqualTo(State.INVERTING);

        apply(Made.inverted("one", ROWS_FIRST, 1, PICTURE));
        assertThat(state()).isEqualTo(State.INVERTING);

        apply(Made.inverted("two", ROWS_LAST, 1, PICTURE));
        assertThat(state()).isEqualTo(State.DONE);
        assertThat(view().version()).isEqualTo(7);
        assertThat(view().stages())
                .extracting(AuditView.StageView::stage, AuditView.StageView::state)
                .containsExactly(
                        tuple(Stage.EMBED, "done"),
                        tuple(Stage.RECONSTRUCT, "done"),
                        tuple(Stage.SELECT, "done"),
                        tuple(Stage.INVERT, "done"));
        // What is kept in memory has no long lists; these are none.
        assertThat(Objects.requireNonNull(view().verdict()).withMembers())
                .isEqualTo(Made.verdict().withMembers());
        assertThat(Objects.requireNonNull(view().verdict()).precision()).containsEntry("20", .65);
    }

    @Test
    void waitsForUpperBoundsAndShowsThemBesideTheirPictures() {
        ArtifactRef bounds = Made.ref("audits/a/bounds.safetensors", '8');
        Selection last = (Selection) stored.get(LAST);
        stored.put(
                LAST,
                new Selection(
                        last.schemaVersion(),
                        last.audit(),
                        true,
                        last.representatives(),
                        last.ranking(),
                        last.inversions(),
                        last.verdict(),
                        last.notes(),
                        List.of(new Selection.UpperBound("bound-01", "two", bounds, 0))));
        apply(new Message.TargetReady(Made.AUDIT, TARGET));
        apply(new Message.SelectionReady(Made.AUDIT, FIRST, false));
        apply(new Message.SelectionReady(Made.AUDIT, LAST, true));
        apply(Made.inverted("one", ROWS_FIRST, 1, PICTURE));
        apply(Made.inverted("two", ROWS_LAST, 1, PICTURE));
        assertThat(state()).isEqualTo(State.INVERTING);

        apply(Made.inverted("bound-01", bounds, 0, PICTURE));

        assertThat(state()).isEqualTo(State.DONE);
        assertThat(view().pictures()).extracting(AuditView.PictureView::item).containsExactly("two", "one");
        AuditSnapshot snapshot = audits.snapshot(Made.AUDIT).orElseThrow();
        assertThat(Gallery.of(snapshot.selections(), snapshot.pictures()))
                .extracting(Gallery.Entry::item, entry -> entry.upperBound() != null, Gallery.Entry::early)
                .containsExactly(tuple("two", true, false), tuple("one", false, true));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void sameEndWhateverTheOrderAndHoweverOften(long seed) {
        List<Message> messages = new ArrayList<>(List.of(
                Made.progress(Stage.EMBED, "embed", 3, "running"),
                new Message.TargetReady(Made.AUDIT, TARGET),
                Made.progress(Stage.RECONSTRUCT, "pursuit", 10, "done"),
                new Message.SelectionReady(Made.AUDIT, FIRST, false),
                new Message.SelectionReady(Made.AUDIT, LAST, true),
                Made.inverted("one", ROWS_FIRST, 1, PICTURE),
                Made.inverted("two", ROWS_LAST, 1, PICTURE)));
        messages.addAll(List.copyOf(messages));
        Collections.shuffle(messages, new Random(seed));

        messages.forEach(this::apply);

        assertThat(state()).isEqualTo(State.DONE);
        assertThat(view().pictures())
                .extracting(
                        AuditView.PictureView::item,
                        AuditView.PictureView::rank,
                        AuditView.PictureView::nearest,
                        AuditView.PictureView::nearestCosine)
                .containsExactly(tuple("two", 2, "opera.jpg", 0.9), tuple("one", 2, "fish.jpg", 0.7));
    }

    @Test
    void aFailedStageFailsTheAuditUnlessItCameToItsResult() {
        apply(Made.progress(Stage.EMBED, "photo-3", 0, "failed"));
        assertThat(state()).isEqualTo(State.FAILED);
        assertThat(view().failures()).containsExactly("embed photo-3: failed photo-3");

        apply(new Message.TargetReady(Made.AUDIT, TARGET));
        assertThat(state()).isEqualTo(State.RECONSTRUCTING);
    }

    @Test
    void anEarlySelectionMayFail() {
        apply(Made.progress(Stage.SELECT, "first", 0, "failed"));
        assertThat(state()).isEqualTo(State.REQUESTED);

        apply(Made.progress(Stage.SELECT, "last", 0, "failed"));
        assertThat(state()).isEqualTo(State.FAILED);
    }

    @Test
    void aFailedPictureDoesNotFailTheOthers() {
        apply(new Message.SelectionReady(Made.AUDIT, LAST, true));
        apply(Made.progress(Stage.INVERT, "one-300", 0, "failed"));
        assertThat(state()).isEqualTo(State.INVERTING);

        apply(Made.inverted("two", ROWS_LAST, 1, PICTURE));
        assertThat(state()).isEqualTo(State.DONE);
        assertThat(view().pictures()).hasSize(1);
        assertThat(view().expectedPictures()).isEqualTo(2);
    }

    @Test
    void cancelsUntilResumed() {
        apply(new Message.TargetReady(Made.AUDIT, TARGET));
        apply(new Message.AuditControl(Made.AUDIT, Message.AuditControl.Action.CANCEL));
        assertThat(state()).isEqualTo(State.CANCELLED);

        apply(new Message.AuditControl(Made.AUDIT, Message.AuditControl.Action.RESUME));
        assertThat(state()).isEqualTo(State.RECONSTRUCTING);
    }

    @Test
    void oldNewsOfAUnitThatRanTwiceIsNotShown() {
        apply(Made.progress(Stage.INVERT, "one", 10, "done"));
        apply(Made.progress(Stage.INVERT, "one", 4, "running"));
        apply(Made.progress(Stage.INVERT, "one", 10, "running"));

        assertThat(view().stages().get(3).pieces())
                .extracting(AuditView.PieceView::done, AuditView.PieceView::state)
                .containsExactly(tuple(10L, "done"));
    }

    @Test
    void changesNothingWhenADocumentCannotBeReadYet() {
        Message ready = new Message.SelectionReady(Made.AUDIT, Made.ref("audits/a/absent.json", '9'), true);

        assertThatThrownBy(() -> apply(ready)).isInstanceOf(PalimpsestException.class);
        assertThat(audits.knows(Made.AUDIT)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void ofAnErasedAuditNothingComesBackWhateverTheOrder(long seed) {
        ArtifactRef erasure = Made.ref("erasures/a.json", '8');
        stored.put(erasure, new Erasure(1, Made.AUDIT, Made.NOON, Made.NOON.plusSeconds(60), "someone", "red"));
        List<Message> messages = new ArrayList<>(List.of(
                Message.AuditControl.erased(Made.AUDIT, erasure),
                new Message.AuditControl(Made.AUDIT, Message.AuditControl.Action.CANCEL),
                Made.progress(Stage.EMBED, "images", 3, "failed"),
                new Message.TargetReady(Made.AUDIT, TARGET),
                new Message.SelectionReady(Made.AUDIT, LAST, true),
                Made.inverted("one", ROWS_FIRST, 1, PICTURE)));
        Collections.shuffle(messages, new Random(seed));

        messages.forEach(this::apply);

        AuditView view = view();
        assertThat(view.state()).isEqualTo(State.ERASED);
        assertThat(view.requested()).isEqualTo(Made.NOON);
        assertThat(view.erasure()).isEqualTo(new AuditView.ErasureView(Made.NOON.plusSeconds(60), "someone"));
        assertThat(audits.tenant(Made.AUDIT.value())).isEqualTo("red");
        assertThat(view.verdict()).isNull();
        assertThat(view.pictures()).isEmpty();
        assertThat(view.failures()).isEmpty();
        assertThat(view.stages()).allSatisfy(stage -> assertThat(stage.pieces()).isEmpty());
        assertThat(audits.curves(Made.AUDIT)).isEmpty();
        assertThat(audits.picture(Made.AUDIT, "one")).isEmpty();
        assertThat(audits.requests()).isEmpty();
        assertThat(audits.open()).isZero();
        assertThatThrownBy(() -> audits.snapshot(Made.AUDIT))
                .hasMessageContaining("was erased on 2026-11-24T12:01:00Z (by: someone)");
    }

    @Test
    void tellsSubscribersOfTheirAuditOnly() throws Exception {
        List<Long> versions = new ArrayList<>();
        try (AutoCloseable subscription = audits.subscribe(Made.AUDIT, view -> versions.add(view.version()))) {
            apply(new Message.TargetReady(Made.AUDIT, TARGET));
            apply(new Message.TargetReady(new AuditId("another"), TARGET));
            apply(Made.progress(Stage.RECONSTRUCT, "pursuit", 1, "running"));
        }
        apply(Made.progress(Stage.RECONSTRUCT, "pursuit", 2, "running"));

        assertThat(versions).containsExactly(1L, 2L);
    }

    private void apply(Message message) {
        audits.apply(Made.event(message));
    }

    private State state() {
        return view().state();
    }

    private AuditView view() {
        return audits.view(Made.AUDIT).orElseThrow();
    }

    private <T> T read(ArtifactRef ref, Class<T> type) {
        Object document = stored.get(ref);
        if (document == null) {
            throw new PalimpsestException(ErrorCode.STORE_UNAVAILABLE, "not there: " + ref.key());
        }
        return type.cast(document);
    }
}
