package dev.palimpsest.stage;

import dev.palimpsest.artifacts.ArtifactStore.WhenFull;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What a unit does while something is missing: it says so, and gives up once its audit is cancelled. For space it waits as long as it
 * takes, since somebody has to free some and what is computed would be lost: a write to the store is tried again by itself; whatever else
 * ran out of space, from its beginning. What is away for now is tried as often as {@link Retries} say.
 */
final class Patience implements WhenFull {
    static final Duration EVERY = Duration.ofSeconds(10);

    /** Shorter waits are not worth a word. */
    static final Duration WORTH_TELLING = Duration.ofSeconds(2);

    private static final Logger LOG = Logger.getLogger(Patience.class);

    private final Retries.Pause pause;
    private final BooleanSupplier cancelled;
    private final Consumer<String> say;
    private boolean waited;

    /** @param say told again before every wait, since news may get lost */
    Patience(Retries.Pause pause, BooleanSupplier cancelled, Consumer<String> say) {
        this.pause = pause;
        this.cancelled = cancelled;
        this.say = say;
    }

    /** Whether there was a wait. */
    boolean waited() {
        return waited;
    }

    /** Returns when it is worth trying again; throws what it got when the audit was cancelled. */
    @Override
    public void full(PalimpsestException noSpace) {
        if (cancelled.getAsBoolean()) {
            throw noSpace;
        }
        waits("waits for space and then goes on by itself: " + noSpace.getMessage());
        try {
            pause.of(EVERY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE, "Interrupted; the record will be delivered again", e);
        }
    }

    /** Throws what it got when the audit was cancelled, and otherwise says what a longer wait is for; without a broker nobody would hear it. */
    void away(PalimpsestException failure, Duration wait) {
        if (cancelled.getAsBoolean()) {
            throw failure;
        }
        if (failure.code() != ErrorCode.BROKER_UNAVAILABLE && wait.compareTo(WORTH_TELLING) >= 0) {
            waits("waits " + wait.toSeconds() + " s and tries again by itself: " + failure.getMessage());
        }
    }

    private void waits(String text) {
        if (!waited) {
            LOG.warn(text);
        }
        waited = true;
        say.accept(text);
    }

    /** Calls until it is not space that is missing. */
    <T> T call(Callable<T> work) throws Exception {
        while (true) {
            try {
                return work.call();
            } catch (Exception e) {
                if (!NoSpace.isIn(e)) {
                    throw e;
                }
                full(
                        e instanceof PalimpsestException known && known.code() == ErrorCode.NO_SPACE
                                ? known
                                : new PalimpsestException(ErrorCode.NO_SPACE, "No space is left: " + reason(e), e));
            }
        }
    }

    /** What was wanted, and the innermost message, which names the file if there is one. */
    private static String reason(Throwable failure) {
        Throwable e = failure;
        while (e.getCause() != null) {
            e = e.getCause();
        }
        return e == failure ? String.valueOf(e.getMessage()) : failure.getMessage() + ": " + e.getMessage();
    }
}
