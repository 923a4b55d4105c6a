package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.ArtifactRef;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a unit may use while it runs. */
public interface UnitContext {
    ArtifactStore store();

    /** A local folder for copies of artifacts, named by their digests. */
    Path cache();

    /** Whether the owner has cancelled the audit: stop soon and announce nothing. */
    boolean cancelled();

    /**
     * Whether the owner has paused the audit, or this process is to end: a unit that can stop where it is stores a checkpoint and announces the
     * rest, one that cannot finishes.
     */
    default boolean paused() {
        return false;
    }

    /**
     * Says how far a piece of work has come. Never fails: news may get lost, work may not.
     *
     * @param done of {@code total}, in {@code noun}
     * @param figures named numbers such as loss or accuracy
     * @param preview a picture to show meanwhile
     */
    void progress(
            String piece,
            long done,
            long total,
            String noun,
            String text,
            Map<String, Double> figures,
            @Nullable ArtifactRef preview);
}
