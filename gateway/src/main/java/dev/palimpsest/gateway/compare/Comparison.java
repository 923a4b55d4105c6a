package dev.palimpsest.gateway.compare;

import dev.palimpsest.gateway.gallery.Tile;
import dev.palimpsest.gateway.view.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Audits side by side; every list of values has one for each audit, in the order that was asked for. Differences are to the first.
 *
 * @param spec only what differs
 * @param measures what was measured of each
 * @param gallery by member, those that came back best first; without members, by rank
 */
public record Comparison(
        int schemaVersion, List<Side> audits, List<SpecLine> spec, List<Measure> measures, List<Row> gallery) {
    public Comparison {
        audits = List.copyOf(audits);
        spec = List.copyOf(spec);
        measures = List.copyOf(measures);
        gallery = List.copyOf(gallery);
    }

    /**
     * One of the audits.
     *
     * @param backbone the last part of what its spec names
     * @param dataset likewise, of a study; null for a released head
     * @param cosines of each member and the candidate that comes closest to it, the highest first; empty without members
     */
    public record Side(
            String id,
            String name,
            State state,
            @Nullable String grade,
            String backbone,
            @Nullable String dataset,
            List<Double> cosines) {
        public Side {
            cosines = List.copyOf(cosines);
        }
    }

    /** A key of the spec, or a digest of what it names, e.g. {@code target.train.weightDecay}; null where it is absent. */
    public record SpecLine(String path, List<@Nullable String> values) {}

    /**
     * A number of each audit.
     *
     * @param values null where the audit has none
     * @param differences to the first audit; null for the first and where a number is missing
     */
    public record Measure(String name, List<@Nullable Double> values, List<@Nullable Difference> differences) {}

    /** What each audit made of the same member, or at the same rank; null where it has nothing. */
    public record Row(String name, List<@Nullable Tile> tiles) {}
}
