package dev.palimpsest.select;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.InvertUnit.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the invert stage is asked for: batches of rows of one matrix, in the order in which they were added. */
final class InvertUnits {
    private final Map<ArtifactRef, List<Row>> rows = new LinkedHashMap<>();

    void add(ArtifactRef embeddings, String item, int index) {
        rows.computeIfAbsent(embeddings, any -> new ArrayList<>()).add(new Row(item, index));
    }

    /** @param batch how many rows a unit has at most */
    List<Message> messages(AuditId audit, ArtifactRef target, int batch) {
        List<Message> units = new ArrayList<>();
        rows.forEach((embeddings, all) -> {
            for (int from = 0; from < all.size(); from += batch) {
                Row first = all.get(from);
                List<Row> beside = all.subList(from + 1, Math.min(all.size(), from + batch));
                units.add(new InvertUnit(
                        audit,
                        target,
                        first.item(),
                        embeddings,
                        first.index(),
                        0,
                        null,
                        beside.isEmpty() ? null : beside));
            }
        });
        return units;
    }
}
