package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Selection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a report is made from, at one moment.
 *
 * @param request an {@link dev.palimpsest.contracts.AuditRequest}
 * @param target a {@link dev.palimpsest.contracts.Target}
 * @param selections the last one first
 * @param pictures by item
 */
public record AuditSnapshot(
        AuditView view,
        @Nullable ArtifactRef request,
        @Nullable ArtifactRef target,
        List<Selection> selections,
        Map<String, InversionReady> pictures) {
    public AuditSnapshot {
        selections = List.copyOf(selections);
        pictures = Map.copyOf(pictures);
    }
}
