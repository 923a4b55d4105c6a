package dev.palimpsest.cli.client;

import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Calls a gateway that may be silent for a while, as one that is started again is: what fails in a way that may pass is tried again after 1, 2,
 * 4 and so on seconds, at most 30, until the waits of one call would come to more than a limit.
 */
public final class Patience {
    /** Longer than a service needs to start, or a pod to be moved. */
    public static final Duration LIMIT = Duration.ofMinutes(5);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    private final Duration limit;
    private final Supplier<Optional<PalimpsestException>> over;
    private final Consumer<String> say;
    private final Pause pause;

    /**
     * Nothing is called yet.
     *
     * @param over why the gateway will not come back, when that is known
     * @param say told of every wait
     */
    public Patience(Duration limit, Supplier<Optional<PalimpsestException>> over, Consumer<String> say, Pause pause) {
        this.limit = limit;
        this.over = over;
        this.say = say;
        this.pause = pause;
    }

    /**
     * What the call gives.
     *
     * @throws PalimpsestException what the call throws that will not pass; {@code over} when that is known; the last failure when the limit is reached
     */
    public <T> T call(Supplier<T> call) throws InterruptedException {
        Duration waited = Duration.ZERO;
        Duration wait = Duration.ofSeconds(1);
        while (true) {
            try {
                return call.get();
            } catch (PalimpsestException e) {
                if (!e.retryable()) {
                    throw e;
                }
                if (over.get().isPresent()) {
                    throw over.get().get();
                }
                if (waited.plus(wait).compareTo(limit) > 0) {
                    throw new PalimpsestException(
                            e.code(),
                            e.getMessage() + "; gave up after " + waited.toSeconds()
                                    + " s of waiting. What was submitted"
                                    + " goes on: run the same command again to go on with it",
                            e);
                }
                say.accept(e.getMessage() + "; trying again in " + wait.toSeconds() + " s");
                pause.of(wait);
                waited = waited.plus(wait);
                Duration twice = wait.multipliedBy(2);
                wait = twice.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : twice;
            }
        }
    }
}
