package dev.palimpsest.embed.data;

import java.util.List;

/**
 * The chosen samples of a dataset.
 *
 * @param entries by class in label order, in each the members and then those held out
 * @param skipped what the dataset names but does not hold, and what it holds but nobody can use: a sentence each, for the first of them
 * @param skippedInAll how many there were
 */
public record Listing(List<Entry> entries, List<String> skipped, int skippedInAll) {
    public Listing {
        entries = List.copyOf(entries);
        skipped = List.copyOf(skipped);
    }
}
