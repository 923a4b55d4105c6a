package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Selection;
import java.util.List;

/**
 * What is kept of a selection in memory.
 *
 * @param ref of the whole document
 * @param selection without what only reports, galleries and comparisons need: representatives behind the last one that becomes a picture,
 *     and the cosines of single members
 */
record Chosen(ArtifactRef ref, Selection selection) {
    static Chosen of(ArtifactRef ref, Selection whole) {
        int rows = whole.inversions().stream()
                .filter(inversion -> inversion.embeddings().equals(whole.representatives()))
                .mapToInt(inversion -> inversion.index() + 1)
                .max()
                .orElse(0);
        Selection.Verdict verdict = whole.verdict();
        return new Chosen(
                ref,
                new Selection(
                        whole.schemaVersion(),
                        whole.audit(),
                        whole.last(),
                        whole.representatives(),
                        whole.ranking()
                                .subList(0, Math.min(rows, whole.ranking().size())),
                        whole.inversions(),
                        verdict == null ? null : withoutLists(verdict),
                        List.of(),
                        whole.upperBounds()));
    }

    private static Selection.Verdict withoutLists(Selection.Verdict verdict) {
        return new Selection.Verdict(
                verdict.grade(),
                verdict.rule(),
                verdict.members(),
                verdict.controls(),
                verdict.matched(),
                verdict.recoverable(),
                verdict.matchedControls(),
                verdict.nullMaximum(),
                verdict.tprAtFpr1(),
                verdict.tprAtFpr5(),
                verdict.auc(),
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null,
                null,
                verdict.precision(),
                verdict.withMembers());
    }
}
