package dev.palimpsest.gateway.api;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.function.IntSupplier;

/**
 * How much is taken on at once: so many submissions are read side by side, since each may hold a body of 32 MiB, and so many audits may be
 * open. What is more is refused with BUSY, which asks to come again, instead of growing the heap and the queues without bound.
 */
final class Intake {
    private final int atOnce;
    private final int mostOpen;
    private final IntSupplier open;
    private int entered;
    private int admitted;

    /**
     * @param atOnce submissions read side by side, at least 1
     * @param mostOpen audits that have not ended, at least 1
     * @param open how many audits have not ended now
     */
    Intake(int atOnce, int mostOpen, IntSupplier open) {
        if (atOnce < 1 || mostOpen < 1) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "palimpsest.intake.at-once and palimpsest.intake.open-audits must be at least 1");
        }
        this.atOnce = atOnce;
        this.mostOpen = mostOpen;
        this.open = open;
    }

    /** @throws PalimpsestException BUSY when as many submissions as are allowed are being read */
    synchronized Visit enter() {
        if (entered == atOnce) {
            throw new PalimpsestException(
                    ErrorCode.BUSY,
                    "%d submissions are being read, as many as are allowed at once: send this one again"
                            .formatted(atOnce));
        }
        entered++;
        return new Visit();
    }

    /** One submission, from the first byte of its body until its audit is announced. */
    final class Visit implements AutoCloseable {
        private boolean counted;

        private Visit() {}

        /** @throws PalimpsestException BUSY when as many audits as are allowed are open, or are about to be */
        void admitNew() {
            synchronized (Intake.this) {
                int now = open.getAsInt();
                if (now + admitted >= mostOpen) {
                    throw new PalimpsestException(
                            ErrorCode.BUSY,
                            "%d audits have not ended, as many as are allowed (palimpsest.intake.open-audits): send this one again when one has ended, or cancel one"
                                    .formatted(now));
                }
                admitted++;
                counted = true;
            }
        }

        @Override
        public void close() {
            synchronized (Intake.this) {
                entered--;
                admitted -= counted ? 1 : 0;
            }
        }
    }
}
