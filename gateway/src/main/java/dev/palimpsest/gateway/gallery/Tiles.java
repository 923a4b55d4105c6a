package dev.palimpsest.gateway.gallery;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView.PieceView;
import dev.palimpsest.gateway.view.Documents;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tiles of one audit: every representative of the newest selection, and those of the first one that pictures were begun from. A tile's
 * id is the picture's name, or {@code r} and the rank.
 */
public final class Tiles {
    private final AuditSnapshot audit;
    private final List<String> classes;
    private final double nullMaximum;

    private Tiles(AuditSnapshot audit, List<String> classes) {
        this.audit = audit;
        this.classes = classes;
        this.nullMaximum =
                audit.view().verdict() == null || audit.view().verdict().controls() == 0
                        ? 2
                        : audit.view().verdict().nullMaximum();
    }

    public static Tiles of(AuditSnapshot audit, Documents documents) {
        List<String> classes = audit.target() == null
                ? List.of()
                : documents.read(audit.target(), Target.class).classes();
        return new Tiles(audit, classes);
    }

    /** What a gallery is sorted by. */
    public enum Order {
        /** The best guess of the attack first. */
        RANK(Comparator.comparingInt(Tile::rank)),
        /** The closest to a member first. */
        COSINE(Comparator.comparingDouble((Tile tile) ->
                        tile.nearest() == null ? -2 : tile.nearest().cosine())
                .reversed()),
        /** The picture that shows its representative best first. */
        PICTURE(Comparator.comparingDouble((Tile tile) -> tile.pictureCosine() == null ? -2 : tile.pictureCosine())
                .reversed());

        private final Comparator<Tile> comparator;

        Order(Comparator<Tile> comparator) {
            this.comparator = comparator.thenComparingInt(Tile::rank).thenComparing(Tile::id);
        }
    }

    /** All tiles in the given order. */
    public List<Tile> list(Order order) {
        List<Tile> tiles = new ArrayList<>();
        List<Selection> selections = audit.selections();
        for (int s = 0; s < selections.size(); s++) {
            Selection selection = selections.get(s);
            for (int index = 0; index < selection.ranking().size(); index++) {
                Selection.Inversion inversion = inversion(selection, index);
                if (s == 0 || inversion != null) {
                    tiles.add(tile(selection, index, inversion));
                }
            }
        }
        tiles.sort(order.comparator);
        return tiles;
    }

    /**
     * The picture of the member that a tile is closest to.
     *
     * @throws PalimpsestException NOT_FOUND when there is no such tile, or no such picture
     */
    public ArtifactRef memberImage(String tile) {
        for (Selection selection : audit.selections()) {
            for (int index = 0; index < selection.ranking().size(); index++) {
                Neighbour nearest = selection.ranking().get(index).nearest();
                if (id(index, inversion(selection, index)).equals(tile) && nearest != null && nearest.image() != null) {
                    return nearest.image();
                }
            }
        }
        throw new PalimpsestException(
                ErrorCode.NOT_FOUND,
                "Audit " + audit.view().id() + " has no picture of a member for the tile '" + tile + "'");
    }

    /** The picture that a row becomes, by the newest selection's word. */
    private Selection.@Nullable Inversion inversion(Selection selection, int index) {
        return audit.selections().get(0).inversions().stream()
                .filter(inversion ->
                        inversion.embeddings().equals(selection.representatives()) && inversion.index() == index)
                .findFirst()
                .orElse(null);
    }

    private static String id(int index, Selection.@Nullable Inversion inversion) {
        return inversion == null ? "r" + (index + 1) : inversion.item();
    }

    private Tile tile(Selection selection, int index, Selection.@Nullable Inversion inversion) {
        Selection.Representative representative = selection.ranking().get(index);
        String id = id(index, inversion);
        InversionReady ready = inversion == null ? null : audit.pictures().get(inversion.item());
        String state = inversion == null ? "none" : ready != null ? "done" : pictureState(inversion.item());
        String base = "/api/v1/audits/" + audit.view().id();
        boolean shown = ready != null || inversion != null && hasPreview(inversion.item());
        return new Tile(
                id,
                index + 1,
                representative.label(),
                label(representative.label()),
                representative.support(),
                representative.score(),
                state,
                inversion == null ? null : inversion.item(),
                ready == null ? null : ready.cosine(),
                ready == null ? null : ready.steps(),
                shown ? base + "/pictures/" + id : null,
                near(representative.nearest(), base + "/gallery/" + id + "/member"),
                near(representative.nearestControl(), null),
                representative.nearest() != null && representative.nearest().cosine() > nullMaximum,
                upperBound(inversion, base),
                !selection.last());
    }

    private @Nullable String upperBound(Selection.@Nullable Inversion inversion, String base) {
        String bound = inversion == null ? null : audit.selections().get(0).upperBoundOf(inversion.item());
        return bound == null || !audit.pictures().containsKey(bound) ? null : base + "/pictures/" + bound;
    }

    private String label(int label) {
        return label >= 0 && label < classes.size() ? classes.get(label) : "class " + label;
    }

    private static Tile.@Nullable Near near(@Nullable Neighbour neighbour, @Nullable String image) {
        return neighbour == null
                ? null
                : new Tile.Near(neighbour.file(), neighbour.cosine(), neighbour.image() == null ? null : image);
    }

    private Optional<PieceView> piece(String item) {
        return audit.view().stages().get(Stage.INVERT.ordinal()).pieces().stream()
                .filter(piece -> piece.piece().equals(item) || piece.piece().startsWith(item + "-"))
                .reduce((before, newest) -> newest);
    }

    private String pictureState(String item) {
        return piece(item).map(PieceView::state).orElse("waiting");
    }

    private boolean hasPreview(String item) {
        return piece(item).map(PieceView::preview).isPresent();
    }
}
