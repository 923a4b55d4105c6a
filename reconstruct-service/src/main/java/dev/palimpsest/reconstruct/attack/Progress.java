package dev.palimpsest.reconstruct.attack;

/** Hears how far a unit of work has come. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress SILENT = (done, total, text) -> {};

    /** {@code done} of {@code total} steps of this unit are over; the text says what is being done. */
    void at(long done, long total, String text);
}
