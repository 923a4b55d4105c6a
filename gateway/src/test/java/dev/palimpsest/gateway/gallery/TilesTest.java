package dev.palimpsest.gateway.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.AuditView.PieceView;
import dev.palimpsest.gateway.view.AuditView.StageView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.Documents;
import dev.palimpsest.gateway.view.Made;
import dev.palimpsest.gateway.view.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TilesTest {
    private static final ArtifactRef FIRST_ROWS = Made.ref("audits/a1/select/first.safetensors", '1');
    private static final ArtifactRef LAST_ROWS = Made.ref("audits/a1/select/last.safetensors", '2');
    private static final ArtifactRef PHOTO = Made.ref("knowledge/a1/photo.png", '3');
    private static final ArtifactRef PICTURE = Made.ref("audits/a1/invert/picture.png", '4');

    /** No target was announced, so that nothing is read. */
    private static final Documents NONE = new Documents() {
        @Override
        public <T> T read(ArtifactRef ref, Class<T> type) {
            throw new AssertionError("reads " + ref);
        }
    };

    private final List<Inversion> inversions = List.of(
            new Inversion("begun", FIRST_ROWS, 1),
            new Inversion("finished", LAST_ROWS, 1),
            new Inversion("waiting", LAST_ROWS, 2));
    private final Selection last = selection(true, LAST_ROWS, List.of("a", "b", "c"), List.of(0.4, 0.9, 0.6));
    private final Selection first = selection(false, FIRST_ROWS, List.of("d", "e"), List.of(0.95, 0.8));

    @Test
    void showsTheNewestSelectionAndWhatOfTheFirstBecamePictures() {
        assertThat(tiles(Tiles.Order.RANK)).containsExactly("r1", "begun", "finished", "waiting");
        assertThat(tiles(Tiles.Order.COSINE)).containsExactly("finished", "begun", "waiting", "r1");
        assertThat(tiles(Tiles.Order.PICTURE)).containsExactly("finished", "r1", "begun", "waiting");
    }

    @Test
    void aTileSaysWhatBecameOfItsPictureAndWhetherChanceReachesIt() {
        List<Tile> tiles = all().list(Tiles.Order.RANK);

        assertThat(tiles).extracting(Tile::state).containsExactly("none", "running", "done", "waiting");
        assertThat(tiles).extracting(Tile::aboveNull).containsExactly(false, true, true, true);
        assertThat(tiles.get(0).picture()).isNull();
        assertThat(tiles.get(1).picture()).as("a preview").endsWith("/pictures/begun");
        assertThat(tiles.get(2).pictureCosine()).isEqualTo(0.97);
        assertThat(tiles.get(3).picture()).isNull();
        assertThat(tiles.get(2).nearest())
                .isEqualTo(
                        new Tile.Near("b", 0.9, "/api/v1/audits/" + Made.AUDIT.value() + "/gallery/finished/member"));
        assertThat(tiles.get(2).labelName()).isEqualTo("class 1");
    }

    @Test
    void theMembersPictureIsThatOfTheTileAskedFor() {
        assertThat(all().memberImage("finished")).isEqualTo(PHOTO);

        assertThatThrownBy(() -> all().memberImage("nothing"))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContaining("'nothing'");
    }

    private List<String> tiles(Tiles.Order order) {
        return all().list(order).stream().map(Tile::id).toList();
    }

    private Tiles all() {
        PieceView begun = new PieceView("begun-0", 3, 10, "steps", "running", "", Map.of(), PICTURE);
        List<StageView> stages = Arrays.stream(Stage.values())
                .map(stage -> new StageView(stage, "running", stage == Stage.INVERT ? List.of(begun) : List.of()))
                .toList();
        VerdictView verdict = new VerdictView("E", "", 3, 3, Map.of(), Map.of(), Map.of(), 0.5, 0, 0, 0.5, null, null);
        AuditView view = new AuditView(
                Made.AUDIT.value(),
                "",
                State.INVERTING,
                1,
                null,
                null,
                stages,
                verdict,
                List.of(),
                3,
                List.of(),
                List.of(),
                "",
                null);
        InversionReady finished = Made.inverted("finished", LAST_ROWS, 1, PICTURE);
        return Tiles.of(new AuditSnapshot(view, null, null, List.of(last, first), Map.of("finished", finished)), NONE);
    }

    private Selection selection(boolean last, ArtifactRef rows, List<String> files, List<Double> cosines) {
        return Made.selection(
                last,
                rows,
                files,
                cosines,
                new ArrayList<>(Stream.generate(() -> PHOTO).limit(files.size()).toList()),
                inversions,
                null);
    }
}
