package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Brings finished pictures together with the representatives that they were made from. */
public final class Gallery {
    private Gallery() {}

    /**
     * One finished picture.
     *
     * @param rank from 1; 0 when no selection knows the embedding
     * @param representative null when no selection knows the embedding
     * @param early whether it is of the first selection, from part of the candidates, whose ranks are its own
     * @param upperBound the picture made from the true embedding of the nearest member; null when there is none, or not yet
     */
    public record Entry(
            String item,
            int rank,
            InversionReady picture,
            Selection.@Nullable Representative representative,
            boolean early,
            @Nullable InversionReady upperBound) {
        /** The cosine to the nearest member; -2, below any cosine, when that is not known. */
        double closeness() {
            return representative != null && representative.nearest() != null
                    ? representative.nearest().cosine()
                    : -2;
        }
    }

    /**
     * Joins by what was inverted, not by rank: a picture that was begun from the first selection belongs to a row of that
     * selection, and its rank in the last one is another.
     *
     * @param selections the last one first
     * @return the representative closest to a member first, then by rank
     */
    public static List<Entry> of(List<Selection> selections, Map<String, InversionReady> pictures) {
        List<Entry> entries = new ArrayList<>();
        pictures.forEach((item, picture) -> {
            if (selections.stream().noneMatch(selection -> selection.upperBound(item))) {
                entries.add(entry(selections, item, picture, upperBound(selections, item, pictures)));
            }
        });
        entries.sort(Comparator.comparingDouble(Entry::closeness)
                .reversed()
                .thenComparingInt(Entry::rank)
                .thenComparing(Entry::item));
        return entries;
    }

    private static @Nullable InversionReady upperBound(
            List<Selection> selections, String item, Map<String, InversionReady> pictures) {
        return selections.stream()
                .map(selection -> selection.upperBoundOf(item))
                .filter(Objects::nonNull)
                .findFirst()
                .map(pictures::get)
                .orElse(null);
    }

    private static Entry entry(
            List<Selection> selections, String item, InversionReady picture, @Nullable InversionReady bound) {
        for (Selection selection : selections) {
            if (selection.representatives().equals(picture.embeddings())
                    && picture.index() < selection.ranking().size()) {
                return new Entry(
                        item,
                        picture.index() + 1,
                        picture,
                        selection.ranking().get(picture.index()),
                        !selection.last(),
                        bound);
            }
        }
        return new Entry(item, 0, picture, null, false, bound);
    }
}
