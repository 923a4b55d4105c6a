package dev.palimpsest.select;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Selection.UpperBound;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The members that the first pictures may be of, to be made into pictures from their true embeddings: as good as inversion can get. Their
 * embeddings are copied to where the invert stage may read. Everything has been chosen by then, and the stage that attacks reads neither.
 */
final class UpperBounds {
    private static final int USUAL = 2;

    private UpperBounds() {}

    /**
     * Stores the embeddings and names the pictures.
     *
     * @param chosen {@code [d]} each, what the inversions are of, in their order
     * @return a member each, at most as many as the spec says; none for a second picture of the same member
     */
    static List<UpperBound> of(
            Owned owned, Target target, List<Inversion> inversions, List<float[]> chosen, ArtifactStore store) {
        int most = Objects.requireNonNullElse(target.invert().upperBound(), USUAL);
        Map<Integer, String> members = members(owned, inversions, chosen, most);
        if (members.isEmpty()) {
            return List.of();
        }
        ArtifactRef embeddings = new TensorArtifacts(store)
                .put(
                        Keys.result(target.audit(), Stage.SELECT, "upper-bounds.safetensors"),
                        Map.of("embeddings", owned.members(members.keySet(), chosen.get(0).length)),
                        Map.of());
        List<UpperBound> bounds = new ArrayList<>();
        for (String of : members.values()) {
            int k = bounds.size();
            bounds.add(new UpperBound(String.format(Locale.ROOT, "bound-%02d", k + 1), of, embeddings, k));
        }
        return bounds;
    }

    /** The nearest members of the first pictures, each once, with the picture. */
    static Map<Integer, String> members(Owned owned, List<Inversion> inversions, List<float[]> chosen, int most) {
        Map<Integer, String> members = new LinkedHashMap<>();
        for (int i = 0; i < inversions.size() && members.size() < most; i++) {
            members.putIfAbsent(
                    owned.nearestMember(chosen.get(i)), inversions.get(i).item());
        }
        return members;
    }
}
